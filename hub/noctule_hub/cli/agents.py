"""`noctule agent`: who polls the devices of a site."""

import time

import click
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.agents import AgentView, GapPage, NewJoinTokenAnswer
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.durations import duration_s
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.text import clean


@click.group("agent")
def agent_group() -> None:
    """Agents on site servers."""


@agent_group.command("token")
@click.option("--site", required=True, shell_complete=complete.sites, help="Site that the agent will poll.")
@click.option("--uses", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many agents may join.")
@click.option(
    "--expires", type=duration_s, metavar="SPAN", default="24h", show_default=True, help="How long it may be used."
)
@json_option
def agent_token(site: str, uses: int, expires: int, *, as_json: bool) -> None:
    """Make a join token and print it this once."""
    body = {"site": site, "uses": uses, "expiresInS": expires}

    async def make(client: HubClient) -> tuple[NewJoinTokenAnswer, str]:
        return decode(await client.send("POST", "agents/tokens", body), NewJoinTokenAnswer), client.url

    answer, url = call(make)
    if as_json:
        print_json(answer)
        return
    say(answer.token)
    click.echo(
        f"Shown this once; it lasts until {short_time(answer.expires_at)}. Put it into a file on the site server and "
        f"run there: noctule-agent join {url} --token-file FILE",
        err=True,
    )


@agent_group.command("list")
@json_option
def agent_list(*, as_json: bool) -> None:
    """List agents and their links."""
    agents = call(lambda client: client.items("agents", AgentView))
    if as_json:
        print_json({"items": agents})
        return
    rows = [
        (
            str(agent.id),
            agent.name,
            agent.site_name,
            agent.link,
            "-" if agent.backlog is None else str(agent.backlog),
            "-" if agent.clock_skew_s is None else f"{agent.clock_skew_s:+.1f} s",
            agent.version,
            short_time(agent.last_seen),
        )
        for agent in agents
    ]
    print_table("Agents", ("#id", "name", "site", "link", "#backlog", "#clock", "version", "last seen"), rows)


@agent_group.command("rename")
@click.argument("agent", shell_complete=complete.agents)
@click.argument("name")
@json_option
def agent_rename(agent: str, name: str, *, as_json: bool) -> None:
    """Give AGENT (id or name) another NAME."""

    async def rename(client: HubClient) -> AgentView:
        found = await _find(client, agent)
        return decode(await client.send("PATCH", f"agents/{found.id}", {"name": name}), AgentView)

    renamed = call(rename)
    if as_json:
        print_json(renamed)
    else:
        say(f"Agent {renamed.id} is now called {renamed.name}.")


@agent_group.command("gaps")
@click.argument("agent", shell_complete=complete.agents)
@click.option("--last", type=duration_s, metavar="SPAN", default="7d", show_default=True, help="How far back to look.")
@json_option
def agent_gaps(agent: str, last: int, *, as_json: bool) -> None:
    """List what is missing of AGENT's (id or name) measurements, from when to when, and why."""

    async def read(client: HubClient) -> GapPage:
        found = await _find(client, agent)
        since = iso_from_ms(time.time_ns() // 1_000_000 - last * 1000)
        return decode(await client.send("GET", f"agents/{found.id}/gaps?from={since}"), GapPage)

    gaps = call(read)
    if as_json:
        print_json(gaps)
        return
    rows = [
        (short_time(gap.from_), short_time(gap.to), "unknown" if gap.samples is None else str(gap.samples), gap.reason)
        for gap in gaps.items
    ]
    print_table("Gaps", ("from", "to", "#samples", "reason"), rows)


@agent_group.command("revoke")
@click.argument("agent", shell_complete=complete.agents)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def agent_revoke(agent: str, *, yes: bool, as_json: bool) -> None:
    """Revoke AGENT (id or name) for good and cut its link."""
    found = call(lambda client: _find(client, agent))
    confirm(clean(f"Revoke {found.name} of {found.site_name}, for good?"), yes=yes)
    call(lambda client: client.send("DELETE", f"agents/{found.id}"))
    if as_json:
        print_json({"revoked": found.id})
    else:
        say(f"Agent {found.name} ({found.id}) is revoked.")


async def _find(client: HubClient, wanted: str) -> AgentView:
    for agent in await client.items("agents", AgentView):
        if str(agent.id) == wanted or (agent.name.casefold() == wanted.casefold() and agent.link != "revoked"):
            return agent
    raise CommandError(f"there is no agent {wanted!r}; see: noctule agent list")
