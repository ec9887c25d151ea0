"""`noctule user`: people who sign in."""

import sys
from typing import Final

import click

from noctule_hub.answers.accounts import UserView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.customers import find_customer
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.profile import save_profile
from noctule_hub.cli.secret_input import read_secret

PASSWORD_ENV = "NOCTULE_PASSWORD"  # noqa: S105  a variable's name
NEW_PASSWORD_ENV = "NOCTULE_NEW_PASSWORD"  # noqa: S105  likewise
ROLES: Final = ("admin", "operator", "viewer", "billing", "customer")
PASSWORD_FILE_HELP = f"File with the password, - for standard input; or set {NEW_PASSWORD_ENV}."


async def find_user(client: HubClient, wanted: str) -> UserView:
    """Return a user by name or id; a name of digits comes before an id. Raises `CommandError` when there is none."""
    users = await client.items("users", UserView)
    for user in users:
        if user.username.casefold() == wanted.casefold():
            return user
    for user in users:
        if str(user.id) == wanted:
            return user
    raise CommandError(f"there is no user {wanted!r}; see: noctule user list")


@click.group("user")
def user_group() -> None:
    """People who sign in."""


@user_group.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it may do.")
@click.option("--customer", help="Customer (id, name or reference), for role customer.")
@click.option("--password-file", help=PASSWORD_FILE_HELP)
@json_option
def user_add(username: str, role: str, customer: str | None, password_file: str | None, *, as_json: bool) -> None:
    """Add a user."""
    body: dict[str, object] = {"username": username, "role": role, "password": _new_password(password_file)}

    async def add(client: HubClient) -> UserView:
        if customer is not None:
            body["customerId"] = (await find_customer(client, customer)).id
        return decode(await client.send("POST", "users", body), UserView)

    user = call(add)
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


@user_group.command("show")
@click.argument("user")
@json_option
def user_show(user: str, *, as_json: bool) -> None:
    """Show USER (name or id)."""
    found = call(lambda client: find_user(client, user))
    if as_json:
        print_json(found)
        return
    say(f"{found.username} ({found.id}), role {found.role}, added {short_time(found.created_at)}")
    if found.customer_id is not None:
        say(f"customer {found.customer_id}")
    if found.disabled:
        say("disabled: may not sign in")


@user_group.command("edit")
@click.argument("user")
@click.option("--role", type=click.Choice(ROLES), help="What it may do.")
@click.option("--customer", help="Customer (id, name or reference), for role customer.")
@json_option
def user_edit(user: str, role: str | None, customer: str | None, *, as_json: bool) -> None:
    """Change USER (name or id); what is not named stays."""
    change: dict[str, object] = {}
    if role is not None:
        change["role"] = role
    if customer is not None:
        change["customerId"] = call(lambda client: find_customer(client, customer)).id
    if not change:
        raise click.UsageError("name what to change: --role or --customer")
    _print_changed(_changed(user, change), "is changed", as_json=as_json)


@user_group.command("disable")
@click.argument("user")
@json_option
def user_disable(user: str, *, as_json: bool) -> None:
    """Sign USER (name or id) out everywhere and let it in no more."""
    _print_changed(_changed(user, {"disabled": True}), "is disabled", as_json=as_json)


@user_group.command("enable")
@click.argument("user")
@json_option
def user_enable(user: str, *, as_json: bool) -> None:
    """Let USER (name or id) sign in again."""
    _print_changed(_changed(user, {"disabled": False}), "is enabled", as_json=as_json)


@user_group.command("password")
@click.argument("user", required=False)
@click.option("--password-file", help=f"File with the new password, - for standard input; or set {NEW_PASSWORD_ENV}.")
@click.option("--old-password-file", help=f"File with your present password; or set {PASSWORD_ENV}.")
@json_option
def user_password(user: str | None, password_file: str | None, old_password_file: str | None, *, as_json: bool) -> None:
    """Give USER (name or id) a new password; without USER change your own. All other sign-ins end."""
    if user is not None:
        if old_password_file is not None:
            raise click.UsageError("--old-password-file is for your own password: leave USER out")
        found = call(lambda client: find_user(client, user))
        body = {"password": _new_password(password_file)}
        call(lambda client: client.send("POST", f"users/{found.id}/password", body))
        _print_changed(found, "has a new password", as_json=as_json)
        return
    old = read_secret(old_password_file, env=PASSWORD_ENV, prompt="Present password", file_option="--old-password-file")
    new = _new_password(password_file)
    profile = call(lambda client: client.change_password(old, new))
    if profile is not None:
        save_profile(profile)
    if as_json:
        print_json({"changed": True})
    else:
        say("Your password is changed; all your other sign-ins have ended.")


@user_group.command("remove")
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def user_remove(user: str, *, yes: bool, as_json: bool) -> None:
    """Remove USER (name or id); the audit log keeps what it did. To keep the name for later: user disable."""
    found = call(lambda client: find_user(client, user))
    if not yes and sys.stdin.isatty():
        click.confirm(f"Remove {found.username} (role {found.role})?", abort=True, err=True)
    call(lambda client: client.send("DELETE", f"users/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"User {found.username} ({found.id}) is removed.")


def _new_password(file: str | None) -> str:
    return read_secret(file, env=NEW_PASSWORD_ENV, prompt="New password", file_option="--password-file", confirm=True)


def _changed(wanted: str, change: dict[str, object]) -> UserView:
    async def change_user(client: HubClient) -> UserView:
        found = await find_user(client, wanted)
        body = {"revision": found.revision} | change
        return decode(await client.send("PATCH", f"users/{found.id}", body), UserView)

    return call(change_user)


def _print_changed(user: UserView, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(user)
    else:
        say(f"User {user.username} ({user.id}) {what}.")
