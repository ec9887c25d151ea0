import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from noctule_agent.cli import COMMANDS, Failure, cli
from noctule_shared.join_token import JoinToken

from tests.agent.fake_hub import FakeHub

EXAMPLE = Path(__file__).parents[2] / "examples" / "agent.toml"
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("NOCTULE_")}


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    hub = FakeHub()
    await hub.start()
    yield hub
    await hub.stop()


async def start(*words: str, env: dict[str, str] | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "noctule_agent.cli", *words,
        env=ENVIRONMENT | (env or {}),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def run(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> tuple[int | None, str, str]:
    process = await start(*words, env=env)
    async with asyncio.timeout(30):
        out, err = await process.communicate(stdin.encode())
    return process.returncode, out.decode(), err.decode()


async def enrol(hub: FakeHub, folder: Path) -> None:
    code, _, err = await run("join", hub.url, "--token-file", "-", "--data-dir", str(folder), stdin=hub.token().text())
    assert (code, err) == (0, "")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_has_help(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_help_names_every_command_and_loads_none() -> None:
    program = (
        "import sys; from noctule_agent.cli import cli; cli(['--help'], standalone_mode=False); "
        "print([name for name in ('aiohttp', 'gufo', 'noctule_agent.runtime', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(cli, ["fly"]).exit_code == 2


def test_what_a_hub_says_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Failure("evil \x1b[2J\nline").show()
    assert capsys.readouterr().err == "noctule-agent: evil \\x1b[2J\\nline\n"


async def test_the_join_token_is_read_from_stdin_file_or_environment(hub: FakeHub, tmp_path: Path) -> None:
    token = hub.token().text()
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(f"{token}\n")
    ways = [
        run("join", hub.url, "--token-file", "-", "--data-dir", str(tmp_path / "1"), stdin=token),
        run("join", hub.url, "--token-file", str(file), "--data-dir", str(tmp_path / "2")),
        run("join", hub.url, "--data-dir", str(tmp_path / "3"), env={"NOCTULE_JOIN_TOKEN": token}),
    ]
    for code, out, err in await asyncio.gather(*ways):
        assert (code, err) == (0, "")
        assert out.startswith(f"Joined {hub.url} as ")


def test_without_a_file_or_a_variable_the_join_token_is_asked_for_and_not_shown(tmp_path: Path) -> None:
    token = JoinToken(3, "s" * 48, "0" * 32).text()
    asked = CliRunner().invoke(
        cli,
        ["join", "http://127.0.0.1:1", "--data-dir", str(tmp_path)],
        input=f"{token}\n",
        env={"NOCTULE_JOIN_TOKEN": None},
    )
    assert asked.exit_code == 1
    assert "Join token: " in asked.output
    assert "hub unreachable" in asked.output
    assert "s" * 48 not in asked.output


async def test_failures_are_one_line_without_a_traceback(hub: FakeHub, tmp_path: Path) -> None:
    broken = tmp_path / "agent.toml"
    broken.write_text("log_levle = 'info'")
    good = ("--data-dir", str(tmp_path / "data"))
    attempts = {
        "not a join token": run("join", hub.url, "--token-file", "-", *good, stdin="rubbish"),
        "cannot read /nonexistent": run("join", hub.url, "--token-file", "/nonexistent", *good),
        "hub unreachable": run("join", "http://127.0.0.1:1", "--token-file", "-", *good, stdin=hub.token().text()),
        "cannot make the data folder": run(
            "join", hub.url, "--token-file", "-", "--data-dir", "/proc/none", stdin=hub.token().text()
        ),
        "is not enrolled": run("run", *good),
        "did you mean log_level?": run("run", *good, "--config", str(broken)),
        "no agent has run on": run("status", *good),
    }
    for (expected, _), (code, out, err) in zip(attempts.items(), await asyncio.gather(*attempts.values()), strict=True):
        assert (code, out) == (1, "")
        assert err.startswith("noctule-agent: ")
        assert expected in err
        assert err.count("\n") == 1


def test_check_config_prints_all_settings() -> None:
    result = CliRunner().invoke(cli, ["check-config", str(EXAMPLE), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outbox.max_bytes"] == 536870912
    assert "log_level" in CliRunner().invoke(cli, ["check-config", str(EXAMPLE)]).stdout


async def test_a_running_agent_reports_itself_and_stops_cleanly_on_sigterm(hub: FakeHub, tmp_path: Path) -> None:
    await enrol(hub, tmp_path)
    agent = await start("run", "--data-dir", str(tmp_path))
    await hub.until(lambda: bool(hub.hellos), deadline_s=20)
    code, _, err = await run("run", "--data-dir", str(tmp_path))
    assert (code, f"(pid {agent.pid})" in err) == (1, True)
    code, out, _ = await run("status", "--data-dir", str(tmp_path), "--json")
    assert code == 0
    report = json.loads(out)
    assert (report["running"], report["status"]["pid"]) == (True, agent.pid)
    agent.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        _, err_bytes = await agent.communicate()
    assert agent.returncode == 0
    assert b"Traceback" not in err_bytes
    code, out, _ = await run("status", "--data-dir", str(tmp_path))
    assert (code, "not running" in out) == (1, True)


async def test_a_revoked_agent_exits_with_its_reason(hub: FakeHub, tmp_path: Path) -> None:
    await enrol(hub, tmp_path)
    hub.refuse_with = {"code": "revoked", "message": "agent 7 was revoked", "retry": False}
    code, _, err = await run("run", "--data-dir", str(tmp_path))
    assert code == 1
    assert err.splitlines()[-1].startswith("noctule-agent: the hub shut this agent out (revoked): agent 7 was revoked")
    assert "Traceback" not in err


async def test_doctor_names_what_is_missing_and_passes_when_nothing_is(hub: FakeHub, tmp_path: Path) -> None:
    code, out, _ = await run("doctor", "--data-dir", str(tmp_path), "--json")
    document = json.loads(out)
    assert list(document) == ["ok", "checks", "headroom"]
    checks = {check["name"]: check["verdict"] for check in document["checks"]}
    assert set(checks) >= {"icmp", "files", "clock", "echoes", "snmp", "folder", "enrolment", "hub"}
    assert set(checks.values()) <= {"ok", "warning", "failed"}
    assert all(check["fix"] for check in document["checks"] if check["verdict"] == "failed")
    assert document["headroom"]["pdusPerS"] > 0
    assert (code, checks["enrolment"], checks["folder"]) == (1, "failed", "ok")
    await enrol(hub, tmp_path)
    code, out, _ = await run("doctor", "--data-dir", str(tmp_path))
    assert code == 0
    assert "has proved its identity" in out
    assert "this machine can poll about" in out
