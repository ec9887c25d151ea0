"""An agent is enrolled by a person who copies what the page shows, and pastes it into a shell."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import PATIENCE_MS, browser, page, sign_in
from tests.e2e.conftest import Installation

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.check, pytest.mark.timeout(300)]

SHELL_S: Final = 60.0
# An agent of the site that others use would take part in what they test.
SITE: Final = "depot"
# Where the page says that an agent's data lies is not this test's to write to.
DATA: Final = "/var/lib/noctule-agent"


def copied(page: Page, step: Locator) -> str:
    """Return what the step's button puts into the clipboard: what the step shows."""
    step.get_by_role("button", name="Copy").click()
    expect(step.get_by_role("button", name="Copied")).to_be_visible()
    text = str(page.evaluate("navigator.clipboard.readText()"))
    assert text == step.locator("code").inner_text()
    return text


def shell(command: str, folder: Path) -> subprocess.Popen[bytes]:
    """Have a shell run what was pasted into it, in a folder; what it says is in `log` there."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            ["sh", "-c", command], cwd=folder, env=os.environ | {"PATH": path}, stdout=log, stderr=subprocess.STDOUT
        )


def test_agent_joins_by_what_is_copied_from_the_page(page: Page, installation: Installation, tmp_path: Path) -> None:
    installation.noctule("site", "add", SITE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, installation)
    page.goto(f"{installation.url}/agents")
    page.get_by_test_id("enrol").click()
    dialog = page.get_by_test_id("enrol-dialog")
    dialog.get_by_label("Site").select_option(SITE)
    dialog.get_by_test_id("form-submit").click()
    steps = dialog.get_by_test_id("join-token").locator("li")
    expect(steps).to_have_count(3, timeout=PATIENCE_MS)
    token, join, run = (copied(page, step) for step in steps.all())
    (tmp_path / "token").write_text(f"{token}\n")
    commands = [command.replace(DATA, str(tmp_path / "data")) for command in (join, run)]
    joined = shell(commands[0], tmp_path)
    assert joined.wait(SHELL_S) == 0, (tmp_path / "log").read_text()
    agent = shell(f"exec {commands[1]}", tmp_path)
    try:
        page.keyboard.press("Escape")
        row = page.get_by_test_id("table-row").filter(has_text=SITE)
        expect(row).to_contain_text("Connected", timeout=PATIENCE_MS)
    finally:
        agent.terminate()
        agent.wait(SHELL_S)
    # A token is used up by the agent that joined: whoever finds the file gets nothing by it.
    again = shell(f"{commands[0]}-2", tmp_path)
    assert again.wait(SHELL_S) == 1
    agents = installation.json("agent", "list")["items"]
    installation.noctule("agent", "revoke", "--yes", *(str(one["id"]) for one in agents if one["siteName"] == SITE))
