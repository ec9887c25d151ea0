"""`noctule status-page`: what the hub shows to everybody."""

from typing import Any, BinaryIO, Final

import click
import msgspec

from noctule_hub.answers.status_page import StatusPageView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.names import Names, names_of
from noctule_hub.cli.output import json_option, print_json, print_table, say

MAX_FILE_BYTES: Final = 1_000_000


@click.group("status-page")
def status_page_group() -> None:
    """See and make the public status page."""


@status_page_group.command("show")
@json_option
def status_page_show(*, as_json: bool) -> None:
    """Show what the status page is made of; with --json as `set` takes it."""

    async def read(client: HubClient) -> tuple[StatusPageView, Names]:
        found = decode(await client.get("status-page"), StatusPageView)
        if as_json:
            return found, Names()
        return found, await names_of(
            client,
            device_ids=[one for row in found.components for one in row.device_ids],
            site_ids=[one for row in found.components for one in row.site_ids],
        )

    page, names = call(read)
    if as_json:
        print_json(page)
        return
    rows = [
        (
            str(row.id),
            row.label,
            *(
                ", ".join(part) or "-"
                for part in (*names.about(device_ids=row.device_ids, site_ids=row.site_ids), row.tags)
            ),
        )
        for row in page.components
    ]
    say(f"{page.title} ({_published(page)})")
    print_table("Components", ("#id", "label", "devices", "sites", "tags"), rows)


@status_page_group.command("set")
@click.argument("file", type=click.File("rb"))
@json_option
def status_page_set(file: BinaryIO, *, as_json: bool) -> None:
    """Make the status page as FILE says, - for standard input: JSON as `noctule status-page show --json` prints it.

    Without a revision in it, it takes the place of whatever is there.
    """
    body = _read(file)

    async def put(client: HubClient) -> StatusPageView:
        if "revision" not in body:
            body["revision"] = decode(await client.get("status-page"), StatusPageView).revision
        return decode(await client.send("PUT", "status-page", body), StatusPageView)

    page = call(put)
    if as_json:
        print_json(page)
    else:
        say(f"The status page is {_published(page)}; components: {len(page.components)}.")


def _published(page: StatusPageView) -> str:
    return "published at /status" if page.published else "not published"


def _read(file: BinaryIO) -> dict[str, Any]:
    text = file.read(MAX_FILE_BYTES + 1)
    if len(text) > MAX_FILE_BYTES:
        raise CommandError(f"the file is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise CommandError(f"the file is no JSON object: {error}") from error
