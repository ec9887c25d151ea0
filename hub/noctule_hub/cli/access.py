"""`noctule login`, `noctule token`, `noctule user`: who may use a hub."""

import asyncio
import re
import sys
from urllib.parse import urlsplit

import click

from noctule_hub.answers.accounts import NewTokenAnswer, TokenView, UserView
from noctule_hub.cli.client import HubClient, call, check_url, decode
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.profile import DEFAULT_URL, Profile, save_profile
from noctule_hub.cli.secret_input import read_secret
from noctule_hub.core.principal import Role

PASSWORD_ENV = "NOCTULE_PASSWORD"  # noqa: S105  a variable's name
NEW_PASSWORD_ENV = "NOCTULE_NEW_PASSWORD"  # noqa: S105  likewise
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration_s(text: str) -> int:
    """Return a time span such as 90s, 15m, 24h or 30d in seconds; click reports what is not one."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a time span such as 90s, 15m, 24h or 30d")
    return int(match[1]) * _UNIT_S[match[2]]


@click.command("login")
@click.argument("url", default=DEFAULT_URL)
@click.option("--username", help="User name.  [default: asked for, else admin]")
@click.option("--password-file", help=f"File with the password, - for standard input; or set {PASSWORD_ENV}.")
@json_option
def login_command(url: str, username: str | None, password_file: str | None, *, as_json: bool) -> None:
    """Sign in to the hub at URL; later commands use this sign-in."""
    address = check_url(url)
    if urlsplit(address).scheme == "http" and urlsplit(address).hostname not in LOOPBACK:
        click.echo(f"Warning: {address} is not encrypted; the password can be read on the way.", err=True)
    if username is None:
        username = click.prompt("User name", default="admin", err=True) if sys.stdin.isatty() else "admin"
    password = read_secret(password_file, env=PASSWORD_ENV, prompt="Password", file_option="--password-file")

    async def sign_in() -> Profile:
        async with HubClient(address) as client:
            return await client.sign_in(username, password)

    profile = asyncio.run(sign_in())
    path = save_profile(profile)
    if as_json:
        print_json({"url": profile.url, "username": profile.username})
    else:
        say(f"Signed in to {profile.url} as {profile.username}; kept in {path}")


@click.group("token")
def token_group() -> None:
    """Long-lived tokens for programs."""


@token_group.command("create")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--role", required=True, help="admin, operator, viewer, billing or metrics.")
@click.option("--ttl", type=duration_s, default="30d", show_default=True, help="How long it lasts.")
@json_option
def token_create(name: str, role: str, ttl: int, *, as_json: bool) -> None:
    """Make a token and print it this once."""
    body = {"name": name, "role": role, "ttlS": ttl}
    answer = decode(call(lambda client: client.send("POST", "tokens", body)), NewTokenAnswer)
    if as_json:
        print_json(answer)
        return
    say(answer.token)
    click.echo(f"Shown this once; it lasts until {short_time(answer.expires_at)}.", err=True)


@token_group.command("list")
@json_option
def token_list(*, as_json: bool) -> None:
    """List tokens, revoked ones too."""
    tokens = call(lambda client: client.items("tokens", TokenView))
    if as_json:
        print_json({"items": tokens})
        return
    rows = [
        (str(token.id), token.name, token.role, short_time(token.expires_at), short_time(token.revoked_at))
        for token in tokens
    ]
    print_table("Tokens", ("#id", "name", "role", "expires", "revoked"), rows)


@token_group.command("revoke")
@click.argument("token_id", type=click.IntRange(min=1))
@json_option
def token_revoke(token_id: int, *, as_json: bool) -> None:
    """Revoke the token with this id."""
    call(lambda client: client.send("DELETE", f"tokens/{token_id}"))
    if as_json:
        print_json({"revoked": token_id})
    else:
        say(f"Token {token_id} is revoked.")


@click.group("user")
def user_group() -> None:
    """People who sign in."""


@user_group.command("add")
@click.argument("username")
@click.option("--role", required=True, help=f"One of: {Role.ADMIN}, operator, viewer, billing, customer.")
@click.option("--customer", "customer_id", type=click.IntRange(min=1), help="Customer id, for role customer.")
@click.option("--password-file", help=f"File with the password, - for standard input; or set {NEW_PASSWORD_ENV}.")
@json_option
def user_add(username: str, role: str, customer_id: int | None, password_file: str | None, *, as_json: bool) -> None:
    """Add a user."""
    password = read_secret(
        password_file, env=NEW_PASSWORD_ENV, prompt="Password", file_option="--password-file", confirm=True
    )
    body: dict[str, object] = {"username": username, "role": role, "password": password}
    if customer_id is not None:
        body["customerId"] = customer_id
    user = decode(call(lambda client: client.send("POST", "users", body)), UserView)
    if as_json:
        print_json(user)
    else:
        say(f"User {user.username} has role {user.role}.")


@user_group.command("list")
@json_option
def user_list(*, as_json: bool) -> None:
    """List users."""
    users = call(lambda client: client.items("users", UserView))
    if as_json:
        print_json({"items": users})
        return
    rows = [
        (str(user.id), user.username, user.role, "yes" if user.disabled else "no", short_time(user.created_at))
        for user in users
    ]
    print_table("Users", ("#id", "name", "role", "disabled", "added"), rows)
