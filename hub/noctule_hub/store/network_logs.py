"""Network logs as they are searched; how they come into the log and leave it is `EventLog`'s."""

from typing import Protocol

from noctule_hub.core.log_search import LogFilter
from noctule_hub.core.records import EventRow


class NetworkLogs(Protocol):
    """Everything that devices said by themselves and that is still kept, which is more than can be replayed."""

    async def search_logs(
        self, wanted: LogFilter, *, cursor: int | None, limit: int, newest_first: bool = True
    ) -> list[EventRow]:
        """Return up to `limit` network logs that meet a filter, in the order of their commits or against it.

        `cursor` is the seq of the last row of the page before, None: begin. Fewer than `limit`: there are no more.
        """
        ...
