"""A running hub, asked by schemathesis all that its own document allows and much that it does not."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from noctule_hub.api.openapi import show_document
from noctule_hub.api.routes import ALL_ENDPOINTS

DEADLINE_S: Final = 30.0
# What schemathesis holds every answer to. Data that fit the document may still be refused: a site that is not there.
CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "ignored_auth",
    "missing_required_header",
    "negative_data_rejection",
    "use_after_free",
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """The address of a running hub; its sign-in is in the environment of `noctule`."""
    data = str(tmp_path / "data")
    noctule = [sys.executable, "-m", "noctule_hub.cli"]
    made = subprocess.run([*noctule, "hub", "init", "--data-dir", data, "--json"], capture_output=True, check=True)
    # What a limit refuses has not been tried.
    Path(data, "hub.toml").write_text("[limits]\nrequests_per_minute = 0\n")
    (tmp_path / "password").write_text(json.loads(made.stdout)["adminPassword"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "hub.log").open("wb") as log:
        running = subprocess.Popen(
            [*noctule, "hub", "run", "--data-dir", data, "--port", str(port)], stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/health")
        yield url
        assert running.poll() is None, (tmp_path / "hub.log").read_text()[-2000:]
    finally:
        running.terminate()
        running.wait(DEADLINE_S)


def wait_for(url: str) -> None:
    ends = time.monotonic() + DEADLINE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  our own http address
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


# Ids are of one kind each, and the first of every kind is there: answers are not all 404. What has no id in its path
# has been asked the same before.
WITH_ID: Final = r"\{id\}"
KNOWN_IDS: Final = """
[parameters]
"path.id" = 1
"""


@pytest.mark.check
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("config", "chosen"),
    [("", ()), (KNOWN_IDS, ("--include-path-regex", WITH_ID, "--exclude-method", "DELETE"))],
    ids=["everything", "what-is-there"],
)
def test_every_answer_is_as_the_document_says_and_none_is_a_failure(
    hub: str, tmp_path: Path, config: str, chosen: tuple[str, ...]
) -> None:
    environment = os.environ | {"NOCTULE_CONFIG_DIR": str(tmp_path / "config")}

    def noctule(*arguments: str) -> None:
        command = [sys.executable, "-m", "noctule_hub.cli", *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    noctule("login", hub, "--password-file", str(tmp_path / "password"))
    noctule("device", "add", "core1", "192.0.2.1", "--site", "default")
    noctule("maintenance", "add", "new power", "--device", "core1", "--for", "2h")
    noctule("alert", "silence", "add", "new card", "--device", "core1", "--for", "2h")
    (tmp_path / "hook.toml").touch(mode=0o600)
    # To this machine, to which nothing is sent: what is tried here leaves for nowhere.
    (tmp_path / "hook.toml").write_text('[webhook]\nurl = "http://127.0.0.1:9/"\n')
    noctule("alert", "channel", "add", "noc", "--file", str(tmp_path / "hook.toml"))
    noctule("customer", "add", "alma")
    noctule("customer", "service", "add", "alma", "core1", "--label", "fibre")
    noctule("payment", "publish", "0", "--customer", "alma", "--status", "paid", "--amount", "1", "--currency", "EUR")
    # A second administrator's own access token: programs' tokens are among what is revoked on the way, and the
    # first user, whose id is known, is given another password.
    password = str(tmp_path / "password")
    noctule("user", "add", "asker", "--role", "admin", "--password-file", password)
    noctule("login", hub, "--username", "asker", "--password-file", password)
    token = json.loads((tmp_path / "config" / "profile.json").read_text())["accessToken"]
    settings = tmp_path / "schemathesis.toml"
    # One worker: threads that compile at once end in "AST constructor recursion depth mismatch" (CPython 3.11).
    settings.write_text(
        f"""headers = {{ Authorization = "Bearer {token}" }}
seed = 5
workers = 1
{config}
[generation]
max-examples = 20
[phases.stateful]
enabled = false
"""
    )
    settings.chmod(0o600)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)),
            *(
                "run",
                f"{hub}/api/v1/openapi.json",
                "--checks",
                ",".join(CHECKS),
                "--no-color",
                "--warnings",
                "off",
                *chosen,
            ),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    selected = re.search(r"Selected: (\d+)", done.stdout)
    assert selected is not None, done.stdout[-2000:]
    described = [found for found in ALL_ENDPOINTS if found.contract is not None]
    if chosen:
        wanted = [found for found in described if "{id}" in found.path and found.method != "DELETE"]
    else:
        # All but the document itself, which it has read to begin with.
        wanted = [found for found in described if found.handler is not show_document]
    assert int(selected[1]) == len(wanted), done.stdout[-3000:]
    assert "incident" not in (tmp_path / "hub.log").read_text()
