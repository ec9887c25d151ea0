"""`noctule token` and `noctule refusal`: programs' tokens, and users of other backends who may not come in."""

from typing import Final

import click

from noctule_hub.answers.accounts import NewTokenAnswer, RefusalView, TokenView
from noctule_hub.cli.client import call, decode
from noctule_hub.cli.durations import duration_s
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.text import clean

_ROLES: Final = ("admin", "operator", "viewer", "billing", "metrics")


def grace_s(text: str) -> int:
    """Return a time span in seconds, 0 for none; click reports what is not one."""
    return 0 if text in {"0", "0s"} else duration_s(text)


@click.group("token")
def token_group() -> None:
    """Long-lived tokens for programs."""


@token_group.command("create")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="What it may do.")
@click.option("--ttl", type=duration_s, metavar="SPAN", default="30d", show_default=True, help="How long it lasts.")
@json_option
def token_create(name: str, role: str, ttl: int, *, as_json: bool) -> None:
    """Make a token and print it this once."""
    body = {"name": name, "role": role, "ttlS": ttl}
    _print_once(decode(call(lambda client: client.send("POST", "tokens", body)), NewTokenAnswer), as_json=as_json)


@token_group.command("rotate")
@click.argument("token_id", type=ID)
@click.option("--grace", type=grace_s, default="1h", show_default=True, help="How long the old one is good, 0 to 7d.")
@click.option(
    "--ttl",
    type=duration_s,
    metavar="SPAN",
    help="How long the new one lasts.  [default: as long as the old one was given]",
)
@json_option
def token_rotate(token_id: int, grace: int, ttl: int | None, *, as_json: bool) -> None:
    """Print a new token for the id, this once; name and role stay."""
    body = {"graceS": grace} | ({} if ttl is None else {"ttlS": ttl})
    answer = call(lambda client: client.send("POST", f"tokens/{token_id}/rotate", body))
    _print_once(decode(answer, NewTokenAnswer), as_json=as_json)


@token_group.command("list")
@json_option
def token_list(*, as_json: bool) -> None:
    """List tokens, revoked ones too."""
    tokens = call(lambda client: client.items("tokens", TokenView))
    if as_json:
        print_json({"items": tokens})
        return
    rows = [
        (
            str(token.id),
            token.name,
            token.role,
            short_time(token.issued_at),
            short_time(token.expires_at),
            short_time(token.former_until),
            short_time(token.revoked_at),
            short_time(token.used_at),
            token.used_from or "-",
        )
        for token in tokens
    ]
    print_table(
        "Tokens", ("#id", "name", "role", "issued", "expires", "former until", "revoked", "last used", "from"), rows
    )


@token_group.command("revoke")
@click.argument("token_id", type=ID)
@json_option
def token_revoke(token_id: int, *, as_json: bool) -> None:
    """Revoke the token with this id."""
    call(lambda client: client.send("DELETE", f"tokens/{token_id}"))
    if as_json:
        print_json({"revoked": token_id})
    else:
        say(f"Token {token_id} is revoked.")


@click.group("refusal")
def refusal_group() -> None:
    """Users of your own backend whom the hub does not let in though the backend does."""


@refusal_group.command("add")
@click.argument("subject")
@click.option("--before", help="Refuse only tokens issued before this time (ISO 8601).  [default: all]")
@click.option("--reason", default="", help="Why, for who reads the list.")
@json_option
def refusal_add(subject: str, before: str | None, reason: str, *, as_json: bool) -> None:
    """Refuse the tokens of SUBJECT, ext:NAME:ID, or of a whole issuer, ext:NAME; its connections are cut."""
    body: dict[str, object] = {"subject": subject, "before": before, "reason": reason}
    refusal = decode(call(lambda client: client.send("POST", "refusals", body)), RefusalView)
    if as_json:
        print_json(refusal)
    else:
        say(f"{refusal.subject} is refused (refusal {refusal.id}).")


@refusal_group.command("list")
@json_option
def refusal_list(*, as_json: bool) -> None:
    """List who is refused."""
    refusals = call(lambda client: client.items("refusals", RefusalView))
    if as_json:
        print_json({"items": refusals})
        return
    rows = [(str(one.id), one.subject, short_time(one.before) if one.before else "all", one.reason) for one in refusals]
    print_table("Refusals", ("#id", "subject", "issued before", "reason"), rows)


@refusal_group.command("remove")
@click.argument("refusal_id", type=ID)
@json_option
def refusal_remove(refusal_id: int, *, as_json: bool) -> None:
    """Let the subject of this refusal in again."""
    call(lambda client: client.send("DELETE", f"refusals/{refusal_id}"))
    if as_json:
        print_json({"removed": refusal_id})
    else:
        say(f"Refusal {refusal_id} is removed.")


def _print_once(answer: NewTokenAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    say(answer.token)
    until = short_time(answer.expires_at)
    click.echo(f"Token {answer.id} ({clean(answer.name)}) is shown this once; it lasts until {until}.", err=True)
