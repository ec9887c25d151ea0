"""What the public status page is made of, over HTTP, for admins; what the public sees is `public_status`."""

from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid

from noctule_hub.answers.status_page import ComponentView, StatusPageView
from noctule_hub.api.bodies import Id, check_name, json_response, read_body
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.device_input import Note, Text, check_note, check_tags
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.maintenance_input import Ids
from noctule_hub.auth.permissions import Action
from noctule_hub.core.maintenance import Covers
from noctule_hub.core.status_page import MAX_COMPONENTS, NewComponent, NewStatusPage, StatusPage


class ComponentInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A component; one that is there is named by its `id`, a new one has none."""

    id: Id | None = None
    label: Text
    device_ids: Ids = []
    site_ids: Ids = []
    tags: list[Text] = []


class StatusPageInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PUT /api/v1/status-page`: the whole page, components from top to bottom, at the revision read."""

    revision: int
    title: Text
    message: Note = ""
    published: bool = False
    components: Annotated[list[ComponentInput], msgspec.Meta(max_length=MAX_COMPONENTS)] = []


async def show_page(request: web.Request) -> web.Response:
    """`GET /api/v1/status-page`: what the status page is made of."""
    return json_response(_view(await context_of(request).store.status_page()))


async def put_page(request: web.Request) -> web.Response:
    """`PUT /api/v1/status-page`: the page as it is afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    body = await read_body(request, StatusPageInput)
    new = NewStatusPage(
        title=check_name("title", body.title),
        message=check_note(body.message, field="message"),
        published=body.published,
        components=tuple(_component(number, component) for number, component in enumerate(body.components)),
    )
    ids = [component.id for component in new.components if component.id is not None]
    if len(ids) > len(set(ids)):
        raise invalid("components", "two of them have the same id")
    page = await context.store.update_status_page(new, revision=body.revision, by=authorship_of(request))
    await context.configuration_changed()
    return json_response(_view(page))


def _component(number: int, body: ComponentInput) -> NewComponent:
    field = f"components.{number}"
    if not body.device_ids and not body.site_ids and not body.tags:
        raise invalid(f"{field}.deviceIds", "say what it stands for: devices, sites or tags")
    tags = check_tags(body.tags, field=f"{field}.tags")
    covers = Covers(tuple(sorted(set(body.device_ids))), tuple(sorted(set(body.site_ids))), tags)
    return NewComponent(body.id, check_name(f"{field}.label", body.label), covers)


def _view(page: StatusPage) -> StatusPageView:
    return StatusPageView(
        title=page.title,
        message=page.message,
        published=page.published,
        components=[
            ComponentView(
                row.id, row.label, list(row.covers.device_ids), list(row.covers.site_ids), list(row.covers.tags)
            )
            for row in page.components
        ],
        revision=page.revision,
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/status-page", Action.MANAGE_SETTINGS, show_page, Contract(answer=StatusPageView)),
    Endpoint(
        "PUT",
        "/api/v1/status-page",
        Action.MANAGE_SETTINGS,
        put_page,
        Contract(body=StatusPageInput, answer=StatusPageView),
    ),
)
