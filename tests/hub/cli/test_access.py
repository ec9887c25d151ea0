"""Being signed in by the command line: profiles, users, sessions, tokens, refusals, against a real hub."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Ask = Callable[..., Any]
PASSWORD, OTHER = "a good password", "another good one"


def refused(result: Result, expected: str, *, status: int = 1) -> None:
    assert result.exit_code == status, result.output
    assert expected in result.stderr
    assert "Traceback" not in result.output


def login(run: Run, hub: Any, username: str, password: str = PASSWORD, *options: str) -> Result:
    return run(*options, "login", hub.url, "--username", username, "--password-file", "-", stdin=password)


def test_a_user_lives_from_being_added_to_being_removed(ask: Ask, signed_in: Run) -> None:
    made = ask("user", "add", "paul", "--role", "operator", "--password-file", "-", stdin=PASSWORD)
    assert ask("user", "show", "PAUL") == made
    assert ask("user", "show", str(made["id"])) == made
    assert "paul" in signed_in("user", "show", "paul").stdout
    customer = ask("customer", "add", "paul's company", "--reference", "C-7")["id"]
    edited = ask("user", "edit", "paul", "--role", "customer", "--customer", "C-7")
    assert (edited["role"], edited["customerId"]) == ("customer", customer)
    assert ask("user", "disable", "paul")["disabled"] is True
    assert "disabled: may not sign in" in signed_in("user", "show", "paul").stdout
    assert ask("user", "enable", "paul")["disabled"] is False
    assert "paul" in [user["username"] for user in ask("user", "list")["items"]]
    assert ask("user", "remove", "paul", "--yes") == {"removed": made["id"]}
    refused(signed_in("user", "show", "paul"), "there is no user 'paul'; see: noctule user list")


def test_nothing_to_change_is_a_usage_error(signed_in: Run) -> None:
    refused(signed_in("user", "edit", "admin"), "name what to change", status=2)


def test_a_customer_of_a_user_may_be_named_and_must_be_there(ask: Ask, signed_in: Run) -> None:
    customer = ask("customer", "add", "Ruth & Sons")["id"]
    add = ("--role", "customer", "--password-file", "-", "--customer")
    assert ask("user", "add", "ruth", *add, "Ruth & Sons", stdin=PASSWORD)["customerId"] == customer
    refused(signed_in("user", "add", "nobody", *add, "C-404", stdin=PASSWORD), "there is no customer 'C-404'")


def test_a_new_token_is_told_with_its_id(signed_in: Run, ask: Ask) -> None:
    made = signed_in("token", "create", "--name", "told", "--role", "viewer")
    token_id = next(token["id"] for token in ask("token", "list")["items"] if token["name"] == "told")
    assert f"Token {token_id} (told) is shown this once" in made.stderr
    refused(signed_in("token", "create", "--name", "x", "--role", "boss"), "'metrics'", status=2)


def test_the_last_administrator_is_kept_with_a_reason(signed_in: Run) -> None:
    for command in (("edit", "admin", "--role", "viewer"), ("disable", "admin"), ("remove", "admin", "--yes")):
        refused(signed_in("user", *command), "this is the last administrator who can sign in")


def test_passwords_are_given_by_admins_and_changed_by_their_owners(
    ask: Ask, run: Run, hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("user", "add", "olga", "--role", "operator", "--password-file", "-", stdin="first good one")
    ask("user", "password", "olga", "--password-file", "-", stdin=PASSWORD)
    monkeypatch.setenv("NOCTULE_PROFILE", "olga")
    refused(login(run, hub, "olga", "first good one"), "user name or password is wrong")
    assert login(run, hub, "olga").exit_code == 0
    old = tmp_path / "old"
    old.write_text(PASSWORD)
    change = ("user", "password", "--old-password-file", str(old), "--password-file", "-")
    changed = run(*change, stdin=OTHER)
    assert (changed.exit_code, changed.stdout) == (0, "Your password is changed; all your other sign-ins have ended.\n")
    refused(run("user", "list"), "your role operator may not do this; it needs one of: admin")
    refused(run(*change, stdin=OTHER), "oldPassword: is not your password")
    refused(run("user", "password", "olga", "--old-password-file", str(old)), "leave USER out", status=2)


def test_profiles_are_kept_apart_and_each_is_private(signed_in: Run, ask: Ask, hub: Any, tmp_path: Path) -> None:
    ask("user", "add", "nina", "--role", "viewer", "--password-file", "-", stdin=PASSWORD)
    assert login(signed_in, hub, "nina", PASSWORD, "--profile", "lab").exit_code == 0
    files = sorted((tmp_path / "config").iterdir())
    assert [file.name for file in files] == ["profile-lab.json", "profile.json"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    refused(signed_in("--profile", "lab", "user", "list"), "your role viewer may not do this")
    assert signed_in("user", "list").exit_code == 0
    refused(signed_in("--profile", "none", "user", "list"), "not signed in")
    refused(signed_in("--profile", "../x", "user", "list"), "must have 1 to 32 letters", status=2)


def test_a_profile_that_others_may_read_is_refused(signed_in: Run, tmp_path: Path) -> None:
    file = tmp_path / "config" / "profile.json"
    file.chmod(0o640)
    refused(signed_in("site", "list"), f"{file}: mode 640 lets others in; mend it with: chmod 600 '{file}'")


def test_signing_out_ends_the_sign_in_here_and_there(ask: Ask, run: Run, hub: Any, tmp_path: Path) -> None:
    ask("user", "add", "tom", "--role", "viewer", "--password-file", "-", stdin=PASSWORD)
    assert login(run, hub, "tom", PASSWORD, "--profile", "tom").exit_code == 0
    file = tmp_path / "config" / "profile-tom.json"
    kept = file.read_bytes()
    assert run("--profile", "tom", "logout").stdout == f"Signed out of {hub.url}.\n"
    assert not file.exists()
    refused(run("--profile", "tom", "logout"), "there is no kept sign-in to end")
    file.write_bytes(kept)
    file.chmod(0o600)
    refused(run("--profile", "tom", "site", "list"), "the sign-in is over")


def test_signing_out_of_a_hub_that_does_not_answer_says_what_is_left(signed_in: Run, tmp_path: Path) -> None:
    file = tmp_path / "config" / "profile.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"url": "http://127.0.0.1:1"}))
    refused(signed_in("logout"), "the sign-in is forgotten here, but no hub answers")
    assert not file.exists()


def test_sessions_are_listed_and_ended(ask: Ask, run: Run, signed_in: Run, hub: Any) -> None:
    ask("user", "add", "mia", "--role", "viewer", "--password-file", "-", stdin=PASSWORD)
    assert login(run, hub, "mia", PASSWORD, "--profile", "mia").exit_code == 0
    (session,) = ask("session", "list", "--user", "mia")["items"]
    assert session["client"].startswith("Python/")
    assert any(one["current"] for one in ask("session", "list")["items"])
    assert "this one" in signed_in("session", "list").stdout
    assert ask("session", "end", str(session["id"])) == {"ended": session["id"]}
    refused(run("--profile", "mia", "site", "list"), "the sign-in is over")


def test_tokens_are_listed_rotated_and_revoked(ask: Ask, run: Run, hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    token = ask("token", "create", "--name", "wall", "--role", "viewer", "--ttl", "2d")
    rotated = ask("token", "rotate", str(token["id"]), "--grace", "0")
    assert (rotated["id"], rotated["name"], rotated["role"]) == (token["id"], "wall", "viewer")
    listed = ask("token", "list")
    assert token["token"] not in json.dumps(listed)
    assert rotated["token"] not in json.dumps(listed)
    monkeypatch.setenv("NOCTULE_URL", hub.url)
    assert [item["usedAt"] for item in listed["items"] if item["id"] == token["id"]] == [None]
    monkeypatch.setenv("NOCTULE_TOKEN", rotated["token"])
    assert run("site", "list").exit_code == 0
    monkeypatch.setenv("NOCTULE_TOKEN", token["token"])
    refused(run("site", "list"), "the hub refused NOCTULE_TOKEN: token_invalid")
    monkeypatch.delenv("NOCTULE_TOKEN")
    monkeypatch.delenv("NOCTULE_URL")
    assert ask("token", "revoke", str(token["id"])) == {"revoked": token["id"]}
    (used,) = [item["usedFrom"] for item in ask("token", "list")["items"] if item["id"] == token["id"]]
    assert used == "127.0.0.1"
    revoked = {item["id"]: item["revokedAt"] for item in ask("token", "list")["items"]}
    assert revoked[token["id"]] is not None
    refused(run("token", "rotate", str(token["id"]), "--grace", "soon"), "is not a time span", status=2)


def test_refusals_are_made_listed_and_taken_back(ask: Ask, signed_in: Run) -> None:
    made = ask("refusal", "add", "ext:portal:7", "--reason", "left")
    assert made["before"] is None
    assert ask("refusal", "list")["items"] == [made]
    assert "ext:portal:7" in signed_in("refusal", "list").stdout
    assert ask("refusal", "remove", str(made["id"])) == {"removed": made["id"]}
    refused(signed_in("refusal", "add", "olga"), "subject: must be ext:NAME:ID")
