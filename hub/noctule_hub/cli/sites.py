"""`noctule site`: the places at which devices are."""

import click

from noctule_hub.answers.sites import SiteView
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.output import json_option, print_json, print_table, say
from noctule_hub.cli.text import clean


@click.group("site")
def site_group() -> None:
    """Places with devices and usually one agent."""


@site_group.command("add")
@click.argument("name")
@json_option
def site_add(name: str, *, as_json: bool) -> None:
    """Add a site."""
    site = decode(call(lambda client: client.send("POST", "sites", {"name": name})), SiteView)
    if as_json:
        print_json(site)
    else:
        say(f"Site {site.name} has id {site.id}.")


@site_group.command("list")
@json_option
def site_list(*, as_json: bool) -> None:
    """List sites."""
    sites = call(lambda client: client.items("sites", SiteView))
    if as_json:
        print_json({"items": sites})
    else:
        print_table("Sites", ("#id", "name"), [(str(site.id), site.name) for site in sites])


@site_group.command("rename")
@click.argument("site", shell_complete=complete.sites)
@click.argument("name")
@json_option
def site_rename(site: str, name: str, *, as_json: bool) -> None:
    """Give SITE (id or name) another NAME."""

    async def rename(client: HubClient) -> SiteView:
        found = await find_site(client, site)
        body = {"name": name, "revision": found.revision}
        return decode(await client.send("PATCH", f"sites/{found.id}", body), SiteView)

    renamed = call(rename)
    if as_json:
        print_json(renamed)
    else:
        say(f"Site {renamed.id} is now called {renamed.name}.")


@site_group.command("remove")
@click.argument("site", shell_complete=complete.sites)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def site_remove(site: str, *, yes: bool, as_json: bool) -> None:
    """Remove SITE (id or name), which must have no devices or agents any more."""
    found = call(lambda client: find_site(client, site))
    confirm(clean(f"Remove site {found.name}?"), yes=yes)
    call(lambda client: client.send("DELETE", f"sites/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Site {found.name} ({found.id}) is removed.")


async def find_site(client: HubClient, wanted: str) -> SiteView:
    """Return a site by name or id. Raises `CommandError` when there is none."""
    every = await client.items("sites", SiteView)
    named = [site for site in every if site.name.casefold() == wanted.casefold()]
    for site in named or [site for site in every if str(site.id) == wanted]:
        return site
    raise CommandError(f"there is no site {wanted!r}; see: noctule site list")
