"""What the hub looks up by itself now and then, taken in its turn like what agents say."""

from typing import assert_never

from noctule_hub.core.commitments import observe_commitments
from noctule_hub.core.storage_space import observe_storage
from noctule_hub.core.world import Draft
from noctule_hub.ingest.inputs import CommitmentsInput, DelaysInput, StorageInput, Survey


def take_survey(draft: Draft, item: Survey) -> None:
    """Take what was looked up."""
    match item:
        case StorageInput():
            observe_storage(draft, item.space)
        case CommitmentsInput():
            observe_commitments(draft, item.months)
        case DelaysInput():
            draft.world.gauges.usual.learn(item.history)
        case _:
            assert_never(item)
