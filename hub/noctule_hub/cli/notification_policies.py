"""`noctule alert policy`: who is told of alerts, when, and again when."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from noctule_hub.answers.channels import ChannelView
from noctule_hub.answers.notification_policies import PolicyView, RehearsalView, StepView, ToldView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.durations import duration_or_zero_s, duration_s
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.text import clean
from noctule_hub.core.alerting.words import lasting

Command = TypeVar("Command", bound=Callable[..., Any])
_ALL: Final = "all"
_GROUPS: Final = click.Choice(["none", "incident", "site"])


def _options(command: Command) -> Command:
    """Add what can be said of a policy when it is added and when it is changed."""
    for option in (
        click.option(
            "--text-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Text of messages: a template in UTF-8.",
        ),
        click.option("--title", help="Title of messages: a template, such as '{severity}: {device} {title}'."),
        click.option(
            "--group-wait", "group_wait_s", type=duration_or_zero_s, metavar="SPAN", help="How long a group gathers."
        ),
        click.option("--group", "group_by", type=_GROUPS, help="What goes together as one message."),
        click.option("--recovery/--no-recovery", default=None, help="Tell the end of what was told, or not."),
        click.option(
            "--repeat",
            "repeat_s",
            type=duration_s,
            metavar="SPAN",
            help="After the last step tell all of them again, so often.",
        ),
        click.option(
            "--step",
            "steps",
            multiple=True,
            metavar="SPAN:CHANNEL,...",
            help="After this time tell these channels (id or name; all: by their own filters).  [several]",
        ),
    ):
        command = option(command)
    return command


@click.group("policy")
def policy_group() -> None:
    """Policies: who is told of alerts, when, and again when."""


@policy_group.command("add")
@click.argument("name")
@_options
@json_option
def policy_add(name: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's
    """Add the policy NAME; rules name it with: noctule alert rule edit RULE --policy NAME.

    For example: noctule alert policy add core --step 0:night --step 15m:night,boss --repeat 1h --group incident
    """
    if not options["steps"]:
        raise click.UsageError("say who is told when, such as --step 0:all --step 15m:boss")

    async def add(client: HubClient) -> PolicyView:
        body = {"name": name} | await _body(client, options)
        return decode(await client.send("POST", "notification-policies", body), PolicyView)

    policy = call(add)
    if as_json:
        print_json(policy)
    else:
        say(f"Policy {policy.name} has id {policy.id}; see what it does: noctule alert policy test {policy.id}")


@policy_group.command("list")
@json_option
def policy_list(*, as_json: bool) -> None:
    """List policies; the first is that of all rules that name none."""
    policies = call(lambda client: client.items("notification-policies", PolicyView))
    if as_json:
        print_json({"items": policies})
        return
    rows = [(str(one.id), one.name, _steps(one.steps), _repeats(one), one.group_by) for one in policies]
    print_table("Policies", ("#id", "name", "steps", "again", "groups"), rows)


@policy_group.command("show")
@click.argument("policy")
@json_option
def policy_show(policy: str, *, as_json: bool) -> None:
    """Show POLICY (id or name)."""
    found = call(lambda client: find_policy(client, policy))
    if as_json:
        print_json(found)
        return
    facts = [
        ("id", str(found.id)),
        ("steps", _steps(found.steps)),
        ("again", _repeats(found)),
        ("ends are told", "yes" if found.recovery else "no"),
        (
            "groups",
            found.group_by
            if found.group_by == "none"
            else f"{found.group_by}, within {lasting(found.group_wait_s * 1000)}",
        ),
        ("title", found.title or "built-in"),
        ("text", found.text or "built-in"),
        ("of rules that name none", "yes" if found.default else "no"),
        ("since", short_time(found.created_at)),
    ]
    print_table(found.name, ("", ""), facts)


@policy_group.command("edit")
@click.argument("policy")
@click.option("--name", help="New name.")
@click.option("--no-repeat", is_flag=True, help="Take each step once.")
@click.option("--built-in-words", is_flag=True, help="Use no template for title and text.")
@_options
@json_option
def policy_edit(
    policy: str,
    *,
    name: str | None,
    no_repeat: bool,
    built_in_words: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> None:
    """Change POLICY (id or name): what is given replaces what was, steps as a whole; alerts that ring follow."""
    if no_repeat and options["repeat_s"] is not None:
        raise click.UsageError("--repeat and --no-repeat exclude each other")
    if built_in_words and (options["title"] is not None or options["text_file"] is not None):
        raise click.UsageError("--built-in-words goes without --title and --text-file")

    async def edit(client: HubClient) -> PolicyView:
        found = await find_policy(client, policy)
        body = await _body(client, options)
        body |= {} if name is None else {"name": name}
        body |= {"repeatS": None} if no_repeat else {}
        body |= {"title": None, "text": None} if built_in_words else {}
        if not body:
            raise click.UsageError("say what to change; see --help")
        path = f"notification-policies/{found.id}"
        return decode(await client.send("PATCH", path, {"revision": found.revision} | body), PolicyView)

    changed = call(edit)
    if as_json:
        print_json(changed)
    else:
        say(f"Policy {changed.name} ({changed.id}) is changed.")


@policy_group.command("remove")
@click.argument("policy")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def policy_remove(policy: str, *, yes: bool, as_json: bool) -> None:
    """Remove POLICY (id or name), which no rule names any more."""
    found = call(lambda client: find_policy(client, policy))
    confirm(f"Remove the policy {clean(found.name)}?", yes=yes)
    call(lambda client: client.send("DELETE", f"notification-policies/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Policy {found.name} ({found.id}) is removed.")


@policy_group.command("test")
@click.argument("policy")
@click.option("--alert", "alert_id", type=ID, help="What it does with this alert (id).")
@click.option("--example", is_flag=True, help="What it does with an example: a device that is offline.  [default]")
@click.option("--send", is_flag=True, help="Send it now to all who would be told, marked as a test.")
@json_option
def policy_test(policy: str, *, alert_id: int | None, example: bool, send: bool, as_json: bool) -> None:
    """Say whom POLICY (id or name) would tell, when, and in which words; nothing is sent without --send.

    Exit status 1 when a test was sent and one of the channels did not take it.
    """
    if example and alert_id is not None:
        raise click.UsageError("--alert and --example exclude each other")

    async def test(client: HubClient) -> RehearsalView:
        found = await find_policy(client, policy)
        body = {"alertId": alert_id, "send": send}
        return decode(await client.send("POST", f"notification-policies/{found.id}/test", body), RehearsalView)

    rehearsal = call(test)
    if as_json:
        print_json(rehearsal)
    else:
        _say_rehearsal(rehearsal)
    if any(told.delivered is False for step in rehearsal.steps for told in step.channels):
        raise click.exceptions.Exit(1)


def _say_rehearsal(rehearsal: RehearsalView) -> None:
    rows = [
        (lasting(round(step.at_s * 1000)), told.name, _fate(told))
        for step in rehearsal.steps
        for told in step.channels or [ToldView(channel_id=0, name="-", told=False, reason="there is no channel")]
    ]
    print_table("Steps", ("#after", "channel", "told"), rows)
    if rehearsal.repeat_s is not None:
        again = lasting(rehearsal.repeat_s * 1000)
        say(f"Again every {again} after the last step, until somebody takes care of it or it ends.")
    for what, words in (("problem", rehearsal.problem), ("end", rehearsal.end)):
        if words is None:
            say("Its end is not told.")
            continue
        say(f"\n{what}: {words.title}")
        for line in words.text.splitlines():
            say(f"  {line}")
        if words.fault is not None:
            say(f"  ({words.fault})")


def _fate(told: ToldView) -> str:
    if told.reason is not None:
        return f"no: {told.reason}"
    if told.delivered is None:
        return "yes"
    return f"{'delivered' if told.delivered else 'not delivered'}: {told.outcome}"


async def find_policy(client: HubClient, wanted: str) -> PolicyView:
    """Return a policy by id or name. Raises `CommandError` when there is none."""
    for policy in await client.items("notification-policies", PolicyView):
        if str(policy.id) == wanted or policy.name.casefold() == wanted.casefold():
            return policy
    raise CommandError(f"there is no notification policy {wanted!r}; see: noctule alert policy list")


async def _body(client: HubClient, options: dict[str, Any]) -> dict[str, Any]:
    """Return what was given as the API takes it."""
    given = {
        "repeatS": options["repeat_s"],
        "recovery": options["recovery"],
        "groupBy": options["group_by"],
        "groupWaitS": options["group_wait_s"],
        "title": options["title"],
    }
    body = {name: value for name, value in given.items() if value is not None}
    if options["text_file"] is not None:
        body["text"] = _text(options["text_file"])
    if options["steps"]:
        body["steps"] = await _read_steps(client, options["steps"])
    return body


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None


async def _read_steps(client: HubClient, steps: Sequence[str]) -> list[dict[str, Any]]:
    ids: dict[str, int] = {}
    for channel in await client.items("channels", ChannelView):
        ids |= {str(channel.id): channel.id, channel.name.casefold(): channel.id}
    read = []
    for step in steps:
        span, colon, wanted = step.partition(":")
        names = [name.strip() for name in wanted.split(",")]
        if not colon or not all(names):
            raise click.UsageError(f"--step {step}: write SPAN:CHANNEL,..., such as 0:all or 15m:night,boss")
        unknown = [name for name in names if name != _ALL and name.casefold() not in ids]
        if unknown:
            raise CommandError(f"there is no channel {unknown[0]!r}; see: noctule alert channel list")
        channels = None if _ALL in names else [ids[name.casefold()] for name in names]
        read.append({"afterS": duration_or_zero_s(span), "channelIds": channels})
    return read


def _steps(steps: Sequence[StepView]) -> str:
    told = (_ALL if step.channel_names is None else ", ".join(step.channel_names) for step in steps)
    return "; ".join(f"{lasting(step.after_s * 1000)}: {channels}" for step, channels in zip(steps, told, strict=True))


def _repeats(policy: PolicyView) -> str:
    return "-" if policy.repeat_s is None else f"every {lasting(policy.repeat_s * 1000)}"
