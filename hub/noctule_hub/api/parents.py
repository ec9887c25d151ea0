"""Behind which devices others probably stand, over HTTP: suggested, never set."""

from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid

from noctule_hub.answers.topology import SuggestedParentView, SuggestionsView, SuggestionView
from noctule_hub.api.bodies import Id, json_response, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.parent_suggestions import roots, suggest
from noctule_hub.core.topology import connect


class SuggestionQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/parents/suggestions`. `root` is the device next to the agent; absent: those configured."""

    root: Id | None = None


async def show_suggestions(request: web.Request) -> web.Response:
    """`GET /api/v1/parents/suggestions`: parents, by LLDP, for devices that have none yet."""
    query = read_query(request, SuggestionQuery)
    context = context_of(request)
    live, devices = context.live, context.live.devices()
    if query.root is not None and live.device(query.root) is None:
        raise invalid("root", f"there is no device {query.root}")
    chosen = roots(devices) if query.root is None else [query.root]
    systems, neighbours = await context.store.discovered()
    links = connect(devices, systems, live.interfaces, neighbours).links
    known = {device.id: device for device in devices}
    items = [
        SuggestionView(
            one.device_id,
            known[one.device_id].name,
            known[one.device_id].revision,
            [SuggestedParentView(row.device_id, known[row.device_id].name, row.reason) for row in one.parents],
        )
        for one in suggest(devices, links, chosen)
    ]
    return json_response(SuggestionsView(chosen, items))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/parents/suggestions",
        Action.READ_NETWORK,
        show_suggestions,
        Contract(query=SuggestionQuery, answer=SuggestionsView),
        costly=Costly.READ,
    ),
)
