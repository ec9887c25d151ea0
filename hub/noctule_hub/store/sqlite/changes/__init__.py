"""Changes of hub.db's tables after the first schema, a module each, in their order; released ones are never edited."""

from collections.abc import Callable
from typing import Final

from sqlite_utils import Database

from noctule_hub.store.sqlite.changes.agent_link import add_agent_link
from noctule_hub.store.sqlite.changes.alert_detail import add_alert_detail
from noctule_hub.store.sqlite.changes.alert_story import add_alert_story
from noctule_hub.store.sqlite.changes.alerting import add_alerting
from noctule_hub.store.sqlite.changes.audit import add_audit
from noctule_hub.store.sqlite.changes.channel_language import add_channel_language
from noctule_hub.store.sqlite.changes.channels import add_channels
from noctule_hub.store.sqlite.changes.component_tags import add_component_tags
from noctule_hub.store.sqlite.changes.cursor_digest import add_cursor_digest
from noctule_hub.store.sqlite.changes.customers import add_customers
from noctule_hub.store.sqlite.changes.device_addresses import add_device_addresses
from noctule_hub.store.sqlite.changes.discovered import add_discovered
from noctule_hub.store.sqlite.changes.duplex import add_duplex
from noctule_hub.store.sqlite.changes.flaps import add_flaps
from noctule_hub.store.sqlite.changes.incidents import add_incidents
from noctule_hub.store.sqlite.changes.interface_filters import add_interface_filters
from noctule_hub.store.sqlite.changes.late_levels import add_late_levels
from noctule_hub.store.sqlite.changes.layout import add_layout
from noctule_hub.store.sqlite.changes.maintenance import add_maintenance
from noctule_hub.store.sqlite.changes.membership import add_membership
from noctule_hub.store.sqlite.changes.network_log import add_network_log
from noctule_hub.store.sqlite.changes.notification_policies import add_notification_policies
from noctule_hub.store.sqlite.changes.reminders import add_reminders
from noctule_hub.store.sqlite.changes.role import add_role
from noctule_hub.store.sqlite.changes.settings import add_settings
from noctule_hub.store.sqlite.changes.sign_in import add_sign_in
from noctule_hub.store.sqlite.changes.status_history import add_status_history
from noctule_hub.store.sqlite.changes.status_page import add_status_page
from noctule_hub.store.sqlite.changes.token_use import add_token_use

CHANGES: Final[tuple[Callable[[Database], None], ...]] = (
    add_interface_filters,
    add_discovered,
    add_agent_link,
    add_audit,
    add_membership,
    add_sign_in,
    add_network_log,
    add_status_history,
    add_maintenance,
    add_status_page,
    add_layout,
    add_settings,
    add_device_addresses,
    add_customers,
    add_alerting,
    add_channels,
    add_alert_detail,
    add_alert_story,
    add_incidents,
    add_notification_policies,
    add_flaps,
    add_duplex,
    add_role,
    add_component_tags,
    add_token_use,
    add_channel_language,
    add_reminders,
    add_cursor_digest,
    add_late_levels,
)
