"""What the API asks of whoever tells channels of alerts."""

from typing import Protocol

from noctule_hub.core.notifying.channels import Channel
from noctule_hub.core.notifying.deliveries import Outcome
from noctule_hub.core.notifying.messages import Message


class Notifies(Protocol):
    """What the API asks of `notify.worker`."""

    def changed(self) -> None:
        """Take that channels or deliveries were changed."""
        ...

    async def try_words(self, channel: Channel, message: Message) -> Outcome:
        """Send what a policy would say at once, as a test, and return what became of it."""
        ...

    async def try_out(self, channel: Channel) -> Outcome:
        """Send a test message at once and return what became of it."""
        ...
