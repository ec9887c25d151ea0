"""What any backend of the store must do: a class of tests over a `store` fixture and a way to open it again."""

from noctule_hub.store.protocol import Store

from tests.hub.store.alert_contract import (
    AlertContract,
    AlertRuleContract,
    AlertStoryContract,
    IncidentContract,
    SilenceContract,
)
from tests.hub.store.audit_contract import AuditContract
from tests.hub.store.channel_contract import ChannelContract
from tests.hub.store.commit_contract import IngestContract
from tests.hub.store.customer_contract import CustomerContract, PaymentContract
from tests.hub.store.events_contract import LogContract
from tests.hub.store.following import Reopen
from tests.hub.store.import_contract import ImportContract
from tests.hub.store.log_contract import FindContract, NetworkLogContract
from tests.hub.store.policy_contract import PolicyContract
from tests.hub.store.registry_contract import AgentContract, DeviceContract, SiteContract
from tests.hub.store.resources_contract import (
    LayoutContract,
    MaintenanceContract,
    SettingsContract,
    StatusPageContract,
)
from tests.hub.store.series_contract import HistoryContract, SeriesContract
from tests.hub.store.sign_in_contract import SignInContract


class StoreContract(
    SiteContract,
    DeviceContract,
    AgentContract,
    SignInContract,
    AuditContract,
    CustomerContract,
    PaymentContract,
    MaintenanceContract,
    AlertRuleContract,
    AlertStoryContract,
    IncidentContract,
    SilenceContract,
    AlertContract,
    ChannelContract,
    PolicyContract,
    StatusPageContract,
    LayoutContract,
    SettingsContract,
    ImportContract,
    LogContract,
    NetworkLogContract,
    FindContract,
    IngestContract,
    SeriesContract,
    HistoryContract,
):
    """All of it. A backend's test class inherits this and offers the fixtures `store` and `reopen`."""

    async def test_the_hubs_identity_stays(self, store: Store, reopen: Reopen) -> None:
        hub_id = store.hub_id
        assert len(hub_id) == 32
        assert (await reopen()).hub_id == hub_id

    async def test_closing_twice_is_closing_once(self, store: Store) -> None:
        await store.close()
        await store.close()
