"""`noctule alert channel`: where alerts are sent. Settings come from a file: no secret stands on a command line."""

from collections.abc import Sequence
from typing import Any, Final

import click

from noctule_hub.answers.channels import ChannelView, TrialView
from noctule_hub.answers.sites import SiteView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.names import Names, names_of
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.secret_input import read_settings
from noctule_hub.cli.text import clean

KINDS: Final = {
    "webhook": ("url", "secret"),
    "smtp": ("host", "port", "security", "username", "password", "sender", "recipients"),
    "apprise": ("url",),
}
_SEVERITIES: Final = click.Choice(["info", "warning", "critical"])
# Languages by their tags.
_LANGUAGES: Final = click.Choice(["en", "id"])
_site_option = click.option("--site", "sites", multiple=True, help="Only of this site (id or name).  [several]")
_tag_option = click.option("--tag", "tags", multiple=True, help="Only of devices with this tag.  [several]")


@click.group("channel")
def channel_group() -> None:
    """Channels on which alerts are sent: webhooks, mail, and the services that Apprise knows."""


@channel_group.command("add")
@click.argument("name")
@click.option(
    "--file",
    required=True,
    help="TOML with one table: [webhook], [smtp] or [apprise]; mode 0600. A minus reads standard input.",
)
@click.option("--severity", type=_SEVERITIES, default="warning", show_default=True, help="Alerts at least as severe.")
@_site_option
@_tag_option
@click.option("--language", type=_LANGUAGES, default="en", show_default=True, help="What its messages are written in.")
@click.option("--disabled", is_flag=True, help="Send nothing on it yet.")
@json_option
def channel_add(
    name: str,
    *,
    file: str,
    severity: str,
    sites: tuple[str, ...],
    tags: tuple[str, ...],
    language: str,
    disabled: bool,
    as_json: bool,
) -> None:
    """Add the channel NAME, which is told of what happens from now on.

    Without --site and --tag it is told of everything, with several of them of what one of them fits.
    """
    body: dict[str, Any] = {"name": name, "severity": severity, "tags": list(tags), "enabled": not disabled}
    body |= {"language": language} | read_settings(file, KINDS)

    async def add(client: HubClient) -> ChannelView:
        body["siteIds"] = await _site_ids(client, sites)
        return decode(await client.send("POST", "channels", body), ChannelView)

    channel = call(add)
    if as_json:
        print_json(channel)
    else:
        say(f"Channel {channel.name} has id {channel.id}; try it with: noctule alert channel test {channel.id}")


@channel_group.command("list")
@json_option
def channel_list(*, as_json: bool) -> None:
    """List channels."""

    async def read(client: HubClient) -> tuple[list[ChannelView], Names]:
        found = await client.items("channels", ChannelView)
        return found, Names() if as_json else await _names(client, found)

    channels, names = call(read)
    if as_json:
        print_json({"items": channels})
        return
    rows = [
        (str(one.id), one.name, _where(one), one.severity, _about(one, names), _health(one), *_last_try(one))
        for one in channels
    ]
    print_table("Channels", ("#id", "name", "where", "severity", "about", "state", "last try", "its outcome"), rows)


@channel_group.command("show")
@click.argument("channel")
@json_option
def channel_show(channel: str, *, as_json: bool) -> None:
    """Show CHANNEL (id or name); of its secrets only whether they are set."""

    async def read(client: HubClient) -> tuple[ChannelView, Names]:
        found = await find_channel(client, channel)
        return found, Names() if as_json else await _names(client, [found])

    found, names = call(read)
    if as_json:
        print_json(found)
        return
    tried_at, outcome = _last_try(found)
    facts = [
        ("id", str(found.id)),
        ("where", _where(found)),
        ("enabled", "yes" if found.enabled else "no"),
        ("severity", f"{found.severity} and above"),
        ("about", _about(found, names)),
        ("language", found.language),
        ("state", _health(found)),
        ("last try", tried_at),
        ("its outcome", outcome),
        ("waiting", str(found.state.queued)),
        ("given up", str(found.state.dead)),
        ("since", short_time(found.created_at)),
    ]
    if found.webhook is not None:
        facts.append(("signed", "yes" if found.webhook.secret_set else "no"))
    if found.smtp is not None:
        facts += [
            ("security", found.smtp.security),
            ("user", found.smtp.username or "-"),
            ("password", "set" if found.smtp.password_set else "not set"),
            ("from", found.smtp.sender),
        ]
    print_table(found.name, ("", ""), facts)


@channel_group.command("edit")
@click.argument("channel")
@click.option("--name", help="New name.")
@click.option(
    "--file", help="New settings, whole: TOML as for add, of the same kind; a password that is left out stays."
)
@click.option("--severity", type=_SEVERITIES, help="Alerts at least as severe.")
@click.option("--language", type=_LANGUAGES, help="What its messages are written in.")
@_site_option
@_tag_option
@click.option("--everything", is_flag=True, help="Of all sites and tags.")
@click.option("--enable/--disable", "enabled", default=None, help="Send on it, or give up what waits and send nothing.")
@json_option
def channel_edit(
    channel: str,
    *,
    file: str | None,
    sites: tuple[str, ...],
    tags: tuple[str, ...],
    everything: bool,
    as_json: bool,
    **fields: Any,  # noqa: ANN401  click's options
) -> None:
    """Change CHANNEL (id or name); what is not named stays."""
    changes = {name: value for name, value in fields.items() if value is not None}
    if everything and (sites or tags):
        raise click.UsageError("--everything goes without --site and --tag")
    if file is not None:
        changes |= read_settings(file, KINDS)
    if not (changes or sites or tags or everything):
        raise click.UsageError(
            "name what is to change: --name, --file, --severity, --language, --site, --tag, --everything, --enable or "
            "--disable"
        )

    async def edit(client: HubClient) -> ChannelView:
        found = await find_channel(client, channel)
        body: dict[str, Any] = {"revision": found.revision} | changes
        if sites or tags or everything:
            body |= {"siteIds": await _site_ids(client, sites), "tags": list(tags)}
        return decode(await client.send("PATCH", f"channels/{found.id}", body), ChannelView)

    changed = call(edit)
    if as_json:
        print_json(changed)
    else:
        say(f"Channel {changed.name} ({changed.id}) is changed.")


@channel_group.command("remove")
@click.argument("channel")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def channel_remove(channel: str, *, yes: bool, as_json: bool) -> None:
    """Remove CHANNEL (id or name) with all that waits to be sent on it."""
    found = call(lambda client: find_channel(client, channel))
    confirm(f"Remove the channel {clean(found.name)}?", yes=yes)
    call(lambda client: client.send("DELETE", f"channels/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Channel {found.name} ({found.id}) is removed.")


@channel_group.command("test")
@click.argument("channel")
@json_option
def channel_test(channel: str, *, as_json: bool) -> None:
    """Send a test message on CHANNEL (id or name) now; exit status 1 when it is not taken.

    The channel's state is then what became of it: works, or failing.
    """

    async def test(client: HubClient) -> tuple[ChannelView, TrialView]:
        found = await find_channel(client, channel)
        return found, decode(await client.send("POST", f"channels/{found.id}/test"), TrialView)

    found, trial = call(test)
    if as_json:
        print_json(trial)
        if not trial.delivered:
            raise click.exceptions.Exit(1)
    elif not trial.delivered:
        raise CommandError(f"not delivered: {trial.outcome}")
    else:
        say(f"Delivered on {found.name}: {trial.outcome}")


def _health(channel: ChannelView) -> str:
    state = channel.state
    word = state.health.value if state.failing_since is None else f"failing since {short_time(state.failing_since)}"
    waiting = (("waiting", state.queued), ("given up", state.dead))
    counts = "".join(f", {number} {what}" for what, number in waiting if number)
    return f"{'' if channel.enabled else 'disabled, '}{word}{counts}"


def _last_try(channel: ChannelView) -> tuple[str, str]:
    """Return when something was sent last, be it a test, and what became of it."""
    return short_time(channel.state.last_at), channel.state.last_outcome or "-"


def _where(channel: ChannelView) -> str:
    if channel.webhook is not None:
        return channel.webhook.origin
    if channel.smtp is not None:
        return f"mail to {', '.join(channel.smtp.recipients)} by {channel.smtp.host}:{channel.smtp.port}"
    return "-" if channel.apprise is None else f"{channel.apprise.scheme} (apprise)"


async def _names(client: HubClient, channels: Sequence[ChannelView]) -> Names:
    return await names_of(client, device_ids=(), site_ids=[one for channel in channels for one in channel.site_ids])


def _about(channel: ChannelView, names: Names) -> str:
    _, sites = names.about(device_ids=(), site_ids=channel.site_ids)
    parts = (("sites", sites), ("tags", channel.tags))
    return "; ".join(f"{what} {', '.join(given)}" for what, given in parts if given) or "everything"


async def _site_ids(client: HubClient, wanted: Sequence[str]) -> list[int]:
    if not wanted:
        return []
    sites = await client.items("sites", SiteView)
    ids = []
    for one in wanted:
        found = [site.id for site in sites if str(site.id) == one or site.name.casefold() == one.casefold()]
        if not found:
            raise CommandError(f"there is no site {one!r}; see: noctule site list")
        ids.append(found[0])
    return ids


async def find_channel(client: HubClient, wanted: str) -> ChannelView:
    """Return a channel by id or name. Raises `CommandError` when there is none."""
    for channel in await client.items("channels", ChannelView):
        if str(channel.id) == wanted or channel.name.casefold() == wanted.casefold():
            return channel
    raise CommandError(f"there is no channel {wanted!r}; see: noctule alert channel list")
