"""The hub's settings over HTTP."""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid

from noctule_hub.answers.settings import SettingsView
from noctule_hub.api.bodies import ZoneName, check_name, check_timezone, json_response, read_body
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.settings import Settings

MAX_URL_CHARS: Final = 200


class SettingsChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/settings`: what is absent stays. `revision` is the one that was read."""

    revision: int
    organisation: Annotated[str, msgspec.Meta(max_length=200)] | UnsetType = UNSET
    timezone: ZoneName | UnsetType = UNSET
    public_url: Annotated[str, msgspec.Meta(max_length=MAX_URL_CHARS)] | UnsetType | None = UNSET


async def show_settings(request: web.Request) -> web.Response:
    """`GET /api/v1/settings`: the settings of the whole hub."""
    return json_response(_view(await context_of(request).store.settings()))


async def change_settings(request: web.Request) -> web.Response:
    """`PATCH /api/v1/settings`: the settings as they are afterwards; refused when `revision` is not the newest."""
    store = context_of(request).store
    body = await read_body(request, SettingsChange)
    old = await store.settings()
    new = Settings(
        organisation=old.organisation if body.organisation is UNSET else _organisation(body.organisation),
        timezone=old.timezone if body.timezone is UNSET else check_timezone("timezone", body.timezone),
        public_url=old.public_url if body.public_url is UNSET else _public_url(body.public_url),
        revision=body.revision,
    )
    return json_response(_view(await store.update_settings(new, by=authorship_of(request))))


def _organisation(text: str) -> str:
    return check_name("organisation", text) if text.strip() else ""


def _public_url(text: str | None) -> str | None:
    """Return the address of this hub as people reach it, without a slash at its end; None and "" take it away."""
    url = (text or "").strip().rstrip("/")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", url):
        raise invalid("publicUrl", "must be an address such as https://noctule.example.net, without sign-in or query")
    return url


def _view(settings: Settings) -> SettingsView:
    return SettingsView(settings.organisation, settings.timezone, settings.public_url, settings.revision)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/settings", Action.READ_NETWORK, show_settings, Contract(answer=SettingsView)),
    Endpoint(
        "PATCH",
        "/api/v1/settings",
        Action.MANAGE_SETTINGS,
        change_settings,
        Contract(body=SettingsChange, answer=SettingsView),
    ),
)
