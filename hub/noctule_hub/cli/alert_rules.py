"""`noctule alert rule`: what is alerted, how severe it is, how soon, and on what."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.alerting import RuleView, SelectorView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.durations import duration_or_zero_s
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.figures import HELP, kind_of, parse_figures, shown, with_figures
from noctule_hub.cli.names import Names, names_of
from noctule_hub.cli.notification_policies import find_policy
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.rule_trial import rule_test
from noctule_hub.cli.sites import find_site
from noctule_hub.cli.text import clean
from noctule_hub.core.alerting.conditions import KINDS, tag_of
from noctule_hub.core.alerting.words import lasting

Command = TypeVar("Command", bound=Callable[..., Any])
# Of a rule that nobody made: every hub has it from its start.
_NEVER_MADE: Final = iso_from_ms(0)
_CONDITIONS: Final = tuple(tag_of(kind) for kind in KINDS)
SEVERITIES: Final = ("info", "warning", "critical")


def _options(command: Command) -> Command:
    """Add what can be said of a rule when it is added and when it is changed."""
    for option in (
        click.option("--set", "figures", multiple=True, metavar="NAME=VALUE", help=HELP),
        click.option("--interface", "interface_names", multiple=True, help="Interfaces named so, * and ?.  [several]"),
        click.option("--if-type", "if_types", multiple=True, type=click.IntRange(1), help="ifType, 6 say.  [several]"),
        click.option("--name", "names", multiple=True, help="Devices, or agents, named so, * and ?.  [several]"),
        click.option("--role", "roles", multiple=True, help="Devices of this role, core say.  [several]"),
        click.option("--tag", "tags", multiple=True, help="Devices with this tag.  [several]"),
        click.option("--device", "devices", multiple=True, help="This device (id or name).  [several]"),
        click.option("--site", "sites", multiple=True, help="All of this site (id or name).  [several]"),
        click.option(
            "--for",
            "for_s",
            type=duration_or_zero_s,
            metavar="SPAN",
            help="How long it must hold first, such as 30s or 0.",
        ),
        click.option("--policy", help="Who is told of its alerts: a notification policy (id or name)."),
        click.option("--tell-customers", "trouble", help="Tell customers that their service ..., such as: is down."),
    ):
        command = option(command)
    return command


@click.group("rule")
def rule_group() -> None:
    """Rules of what is alerted."""


@rule_group.command("list")
@json_option
def rule_list(*, as_json: bool) -> None:
    """List rules."""

    async def read(client: HubClient) -> tuple[list[RuleView], Names]:
        found = await client.items("rules", RuleView)
        return found, Names() if as_json else await _names(client, found)

    rules, names = call(read)
    if as_json:
        print_json({"items": rules})
        return
    rows = [
        (
            str(rule.id),
            rule.name,
            f"{_kind(rule)} {shown(rule.condition, changed_only=True)}".strip(),
            rule.severity,
            lasting(rule.for_s * 1000),
            _selected(rule.selector, names),
            "yes" if rule.enabled else "no",
        )
        for rule in rules
    ]
    print_table("Rules", ("#id", "name", "condition", "severity", "#for", "about", "enabled"), rows)


@rule_group.command("show")
@click.argument("rule")
@json_option
def rule_show(rule: str, *, as_json: bool) -> None:
    """Show RULE (name or id)."""

    async def read(client: HubClient) -> tuple[RuleView, Names, str]:
        found = await find_rule(client, rule)
        if as_json:
            return found, Names(), ""
        return found, await _names(client, [found]), await _policy(client, found)

    found, names, policy = call(read)
    if as_json:
        print_json(found)
        return
    facts = [
        ("id", str(found.id)),
        ("condition", _kind(found)),
        ("figures", shown(found.condition) or "-"),
        ("severity", found.severity),
        ("for", lasting(found.for_s * 1000)),
        ("about", _selected(found.selector, names)),
        ("customers are told", found.trouble or "-"),
        ("policy", policy),
        ("enabled", "yes" if found.enabled else "no"),
        ("since", "comes with the hub" if found.created_at == _NEVER_MADE else short_time(found.created_at)),
    ]
    print_table(found.name, ("", ""), facts)


@rule_group.command("add")
@click.argument("name")
@click.option("--condition", type=click.Choice(_CONDITIONS), required=True, help="What is alerted.")
@click.option("--severity", type=click.Choice(SEVERITIES), required=True, help="How much it matters.")
@click.option("--disabled", is_flag=True, help="Do not alert yet.")
@_options
@json_option
def rule_add(name: str, *, condition: str, severity: str, disabled: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's
    """Add the rule NAME, which alerts on its own, whatever other rules do.

    For example: noctule alert rule add core-port-down --condition interface-down --severity critical --tag core
    Or: noctule alert rule add busy-uplinks --condition high-utilisation --set utilRatio=0.95 --severity info
    """
    figures = parse_figures(kind_of(condition), options["figures"])
    body: dict[str, Any] = {"name": name, "condition": {"kind": condition} | figures, "severity": severity}
    body |= {"enabled": not disabled, "forS": options["for_s"] or 0, "trouble": options["trouble"]}

    async def add(client: HubClient) -> RuleView:
        body["selector"] = await _selector(client, options)
        if options["policy"] is not None:
            body["policyId"] = (await find_policy(client, options["policy"])).id
        return decode(await client.send("POST", "rules", body), RuleView)

    added = call(add)
    if as_json:
        print_json(added)
    else:
        say(f"Rule {added.name} has id {added.id}.")


@rule_group.command("edit")
@click.argument("rule")
@click.option("--severity", type=click.Choice(SEVERITIES), help="How much it matters.")
@click.option("--tell-no-customers", is_flag=True, help="Do not tell customers.")
@click.option("--about-all", is_flag=True, help="Alert on all, whatever it was about.")
@_options
@json_option
def rule_edit(rule: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's
    """Change RULE (name or id): what is given replaces what was, what it is about as a whole."""
    given = any(options[name] for name in ("sites", "devices", "roles", "tags", "names", "if_types", "interface_names"))
    if given and options["about_all"]:
        raise click.UsageError("--about-all goes with nothing that says what the rule is about")
    if options["trouble"] is not None and options["tell_no_customers"]:
        raise click.UsageError("--tell-customers and --tell-no-customers exclude each other")
    changes = {"severity": options["severity"], "forS": options["for_s"], "trouble": options["trouble"]}
    body: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    if options["tell_no_customers"]:
        body["trouble"] = None

    async def edit(client: HubClient) -> RuleView:
        found = await find_rule(client, rule)
        if options["figures"]:
            figures = parse_figures(type(found.condition), options["figures"])
            body["condition"] = with_figures(found.condition, figures)
        if given or options["about_all"]:
            body["selector"] = await _selector(client, options)
        if options["policy"] is not None:
            body["policyId"] = (await find_policy(client, options["policy"])).id
        if not body:
            raise click.UsageError("say what to change; see --help")
        return await _change(client, found, body)

    _say_changed(call(edit), "changed", as_json=as_json)


@rule_group.command("enable")
@click.argument("rule")
@json_option
def rule_enable(rule: str, *, as_json: bool) -> None:
    """Let RULE (name or id) alert, also on devices and agents that are down already."""
    _say_changed(call(lambda client: _enabled(client, rule, enabled=True)), "enabled", as_json=as_json)


@rule_group.command("disable")
@click.argument("rule")
@json_option
def rule_disable(rule: str, *, as_json: bool) -> None:
    """Let RULE (name or id) alert no more; its open alerts end."""
    _say_changed(call(lambda client: _enabled(client, rule, enabled=False)), "disabled", as_json=as_json)


@rule_group.command("remove")
@click.argument("rule")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def rule_remove(rule: str, *, yes: bool, as_json: bool) -> None:
    """Remove RULE (name or id); its open alerts end."""
    found = call(lambda client: find_rule(client, rule))
    confirm(clean(f"Remove rule {found.name}?"), yes=yes)
    call(lambda client: client.send("DELETE", f"rules/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Rule {found.name} ({found.id}) is removed.")


rule_group.add_command(rule_test)


async def find_rule(client: HubClient, wanted: str) -> RuleView:
    """Return a rule by name or id. Raises `CommandError` when there is none."""
    every = await client.items("rules", RuleView)
    for rule in [one for one in every if one.name == wanted] or [one for one in every if str(one.id) == wanted]:
        return rule
    raise CommandError(f"there is no rule {wanted!r}; see: noctule alert rule list")


async def _enabled(client: HubClient, wanted: str, *, enabled: bool) -> RuleView:
    return await _change(client, await find_rule(client, wanted), {"enabled": enabled})


async def _change(client: HubClient, rule: RuleView, changes: dict[str, Any]) -> RuleView:
    body = {"revision": rule.revision} | changes
    return decode(await client.send("PATCH", f"rules/{rule.id}", body), RuleView)


async def _selector(client: HubClient, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "siteIds": [(await find_site(client, site)).id for site in options["sites"]],
        "deviceIds": [(await find_device(client, device)).id for device in options["devices"]],
        "roles": list(options["roles"]),
        "tags": list(options["tags"]),
        "names": list(options["names"]),
        "ifTypes": list(options["if_types"]),
        "interfaceNames": list(options["interface_names"]),
    }


def _say_changed(rule: RuleView, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(rule)
    else:
        say(f"Rule {rule.name} is {what}.")


def _kind(rule: RuleView) -> str:
    return tag_of(rule.condition)


async def _names(client: HubClient, rules: Sequence[RuleView]) -> Names:
    return await names_of(
        client,
        device_ids=[one for rule in rules for one in rule.selector.device_ids],
        site_ids=[one for rule in rules for one in rule.selector.site_ids],
    )


async def _policy(client: HubClient, rule: RuleView) -> str:
    """Return the name of the policy by which a rule tells people, its id to who may not read policies."""
    if rule.policy_id is None:
        return "default"
    try:
        return (await find_policy(client, str(rule.policy_id))).name
    except Refused as refusal:
        if refusal.code is not ErrorCode.FORBIDDEN:
            raise
        return str(rule.policy_id)


def _selected(selector: SelectorView, names: Names) -> str:
    devices, sites = names.about(device_ids=selector.device_ids, site_ids=selector.site_ids)
    parts = (
        ("sites", sites),
        ("devices", devices),
        ("roles", selector.roles),
        ("tags", selector.tags),
        ("names", selector.names),
        ("ifTypes", selector.if_types),
        ("interfaces", selector.interface_names),
    )
    return "; ".join(f"{what} {', '.join(map(str, given))}" for what, given in parts if given) or "all"
