"""`noctule login`, `noctule logout`, `noctule session`: being signed in to a hub."""

import asyncio
import sys
from urllib.parse import urlsplit

import click

from noctule_hub.answers.accounts import SessionView
from noctule_hub.cli.authorities import ENV_CA, ca_file
from noctule_hub.cli.client import HubClient, call, check_url
from noctule_hub.cli.errors import CommandError, HubUnreachableError
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.profile import DEFAULT_URL, Profile, load_profile, remove_profile, save_profile
from noctule_hub.cli.secret_input import read_secret
from noctule_hub.cli.users import find_user

PASSWORD_ENV = "NOCTULE_PASSWORD"  # noqa: S105  a variable's name
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@click.command("login")
@click.argument("url", default=DEFAULT_URL)
@click.option("--username", help="User name.  [default: asked for, else admin]")
@click.option("--password-file", help=f"File with the password, - for standard input; or set {PASSWORD_ENV}.")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    help=f"Certificate authorities to trust instead of the system's; kept for later commands.  [default: ${ENV_CA}]",
)
@json_option
def login_command(url: str, username: str | None, password_file: str | None, ca: str | None, *, as_json: bool) -> None:
    """Sign in to the hub at URL; later commands use this sign-in."""
    address = check_url(url)
    if urlsplit(address).scheme == "http" and urlsplit(address).hostname not in LOOPBACK:
        click.echo(f"Warning: {address} is not encrypted; the password can be read on the way.", err=True)
    if username is None:
        username = click.prompt("User name", default="admin", err=True) if sys.stdin.isatty() else "admin"
    password = read_secret(password_file, env=PASSWORD_ENV, prompt="Password", file_option="--password-file")

    async def sign_in() -> Profile:
        async with HubClient(address, ca=ca_file(ca)) as client:
            return await client.sign_in(username, password)

    profile = asyncio.run(sign_in())
    path = save_profile(profile)
    if as_json:
        print_json({"url": profile.url, "username": profile.username})
    else:
        say(f"Signed in to {profile.url} as {profile.username}; kept in {path}")


@click.command("logout")
@json_option
def logout_command(*, as_json: bool) -> None:
    """End the kept sign-in, here and on its hub."""
    profile = load_profile()
    if profile is None:
        raise CommandError("there is no kept sign-in to end")

    async def sign_out(kept: Profile) -> None:
        async with HubClient(kept.url, ca=ca_file(profile=kept)) as client:
            await client.sign_out(kept)

    try:
        asyncio.run(sign_out(profile))
    except HubUnreachableError as error:
        remove_profile()
        raise CommandError(
            f"the sign-in is forgotten here, but {error}; end it there with: noctule session end ID"
        ) from error
    remove_profile()
    if as_json:
        print_json({"url": profile.url, "username": profile.username})
    else:
        say(f"Signed out of {profile.url}.")


@click.group("session")
def session_group() -> None:
    """Where people are signed in."""


@session_group.command("list")
@click.option("--user", help="User name or id, for admins.  [default: you]")
@json_option
def session_list(user: str | None, *, as_json: bool) -> None:
    """List sessions that have not ended."""

    async def listed(client: HubClient) -> list[SessionView]:
        query = {} if user is None else {"userId": str((await find_user(client, user)).id)}
        return await client.items("sessions", SessionView, **query)

    sessions = call(listed)
    if as_json:
        print_json({"items": sessions})
        return
    rows = [
        (
            str(session.id),
            session.address or "",
            session.client,
            short_time(session.created_at),
            short_time(session.seen_at),
            "this one" if session.current else "",
        )
        for session in sessions
    ]
    print_table("Sessions", ("#id", "address", "program", "since", "last seen", ""), rows)


@session_group.command("end")
@click.argument("session_id", type=ID)
@json_option
def session_end(session_id: int, *, as_json: bool) -> None:
    """End the session with this id: whoever holds it is signed out at once."""
    call(lambda client: client.send("DELETE", f"sessions/{session_id}"))
    if as_json:
        print_json({"ended": session_id})
    else:
        say(f"Session {session_id} is ended.")
