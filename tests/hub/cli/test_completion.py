"""Completion as a shell asks for it: names of the hub, quickly or not at all, none that a shell would take apart."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from noctule_hub.cli import root

Run = Callable[..., Result]
Ask = Callable[..., Any]


def offered(words: str, profile: Path) -> list[str]:
    """Return what bash is offered after these words, the last of which is begun."""
    environment = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
        "_NOCTULE_COMPLETE": "bash_complete",
        "NOCTULE_CONFIG_DIR": str(profile),
    }
    result = CliRunner(env=environment).invoke(root, prog_name="noctule")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return [line.split(",", 1)[1] for line in result.stdout.splitlines() if line]


def test_commands_options_and_names_are_offered(ask: Ask, profile: Path) -> None:
    ask("site", "add", "completed")
    for number, name in enumerate(("tab-1", "tab-2", "tab$(reboot)", "tab 3")):
        ask("device", "add", name, f"192.0.2.{180 + number}", "--site", "completed")
    assert offered("noctule dev", profile) == ["device"]
    assert offered("noctule device im", profile) == ["import"]
    assert offered("noctule device edit --no-p", profile) == ["--no-parents"]
    assert offered("noctule device show tab", profile) == ["tab-1", "tab-2"]
    assert offered("noctule device add a b --site compl", profile) == ["completed"]
    assert "agent" in offered("noctule ", profile)


def test_without_a_hub_or_a_sign_in_nothing_is_offered_and_nothing_said(tmp_path: Path) -> None:
    assert offered("noctule device show x", tmp_path) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"{shell}_complete" in result.stdout
    assert "noctule" in result.stdout


def test_bash_itself_completes(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    program = tmp_path / "noctule"
    program.write_text(f"#!{sys.executable}\nfrom noctule_hub.cli import main\nmain()\n")
    program.chmod(0o755)
    script = (
        "source <(noctule completion bash); COMP_WORDS=(noctule device re); COMP_CWORD=2; "
        '_noctule_completion noctule re device; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("remove\n", "")
