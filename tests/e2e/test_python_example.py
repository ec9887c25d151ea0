"""examples/python-client against a real hub that is restarted, and restarted itself: each event is printed once."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.conftest import Installation, wait_until
from tests.e2e.lossy_relay import LossyRelay

pytestmark = [pytest.mark.check, pytest.mark.timeout(180)]

PROGRAM: Final = Path(__file__).parents[2] / "examples" / "python-client" / "client.py"


class Hub(Installation):
    """A hub of one's own, on a port that stays through restarts."""

    port = 0

    def begin(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        made = json.loads(self.noctule("hub", "init", "--data-dir", str(self.folder / "hub"), "--json").stdout)
        secret = self.folder / "password"
        secret.write_text(made["adminPassword"])
        self.url = f"http://127.0.0.1:{self.port}"
        self.run()
        self.noctule("login", self.url, "--username", "admin", "--password-file", str(secret))
        self.noctule("customer", "add", "Bakery", "--reference", "C-1")

    def run(self) -> None:
        heard = self.log("hub").count("listens on") if (self.folder / "hub.log").exists() else 0
        self.start("hub", "noctule_hub.cli", "hub", "run", "--data-dir", f"{self.folder}/hub", "--port", f"{self.port}")
        wait_until(lambda: self.log("hub").count("listens on") > heard, "the hub listens")

    def end(self) -> None:
        self.running["hub"].terminate()
        self.running["hub"].wait(20)

    def pay(self, name: str) -> None:
        """Have one more event in the log, named."""
        self.noctule("payment", "publish", name, "--customer", "C-1", "--status", "paid")


class Follower:
    """The example as a process; it appends what it prints to one file, over its restarts."""

    def __init__(self, hub: Hub, token: str) -> None:
        self._token = token
        self.url = hub.url
        self.cursor = hub.folder / "cursor.json"
        self.out = hub.folder / "printed"
        self.err = hub.folder / "said"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        heard = self.connections()
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM), self.url, "--cursor", str(self.cursor)],
                stdout=out,
                stderr=err,
                env=os.environ | {"NOCTULE_TOKEN": self._token},
            )
        wait_until(lambda: self.connections() > heard, "it is connected")

    def stop(self, *, kill: bool = False) -> int:
        assert self.process is not None
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        return self.process.wait(20)

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.out.read_text().splitlines()]
        return [line["data"] for line in lines if line["event"] == name]

    def paid(self) -> list[str]:
        return [event["paymentId"] for event in self.events("payment:update")]

    def connections(self) -> int:
        return self.err.read_text().count("connected\n") if self.err.exists() else 0


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub(tmp_path)
    made.begin()
    yield made
    made.stop()


@pytest.fixture
def follower(hub: Hub) -> Iterator[Follower]:
    token = hub.json("token", "create", "--role", "billing", "--ttl", "1h", "--name", "follower")["token"]
    made = Follower(hub, token)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop(kill=True)


def test_each_event_is_printed_once_over_restarts_of_both_sides(hub: Hub, follower: Follower) -> None:
    follower.start()
    # Its place in the log is kept from the end of the first replay on.
    wait_until(follower.cursor.exists, "the place in the log is kept")
    hub.pay("live")
    wait_until(lambda: follower.paid() == ["live"], "an event is printed")

    hub.end()
    hub.run()
    hub.pay("after-the-hubs-restart")
    wait_until(lambda: len(follower.paid()) == 2, "it came back by itself")

    assert follower.stop() == 0
    hub.pay("while-it-was-away")
    follower.start()
    wait_until(lambda: len(follower.paid()) == 3, "what it missed is printed")

    follower.stop(kill=True)
    hub.pay("while-it-was-dead")
    hub.end()
    hub.run()
    follower.start()
    wait_until(lambda: len(follower.paid()) == 4, "what came while both were away is printed")
    hub.pay("last")
    wait_until(lambda: "last" in follower.paid(), "and it is live again")
    assert follower.paid() == [
        "live",
        "after-the-hubs-restart",
        "while-it-was-away",
        "while-it-was-dead",
        "last",
    ]
    seqs = [event["seq"] for event in follower.events("payment:update")]
    assert seqs == sorted(set(seqs))


def test_what_was_lost_on_the_way_comes_again_after_the_program_was_killed(hub: Hub, follower: Follower) -> None:
    with LossyRelay(hub.port) as relay:
        follower.url = f"http://127.0.0.1:{relay.port}"
        follower.start()
        wait_until(follower.cursor.exists, "the place in the log is kept")
        hub.pay("before")
        relay.lose("the-lost-one")
        hub.pay("the-lost-one")
        hub.pay("behind-it")
        wait_until(lambda: follower.paid() == ["before", "behind-it"], "what is not lost is printed")
        assert relay.lost == 1
        behind = str(follower.events("payment:update")[-1]["seq"])
        wait_until(lambda: behind in follower.cursor.read_text(), "and kept as handled")
        # Before the hub has counted what it sent.
        follower.stop(kill=True)
        follower.start()
        wait_until(lambda: "the-lost-one" in follower.paid(), "what was lost is printed")
        hub.pay("last")
        wait_until(lambda: "last" in follower.paid(), "and it is live again")
    assert follower.paid() == ["before", "behind-it", "the-lost-one", "last"]


def test_it_says_that_it_is_connected_once_nothing_from_then_on_is_missed(hub: Hub, follower: Follower) -> None:
    with LossyRelay(hub.port) as relay:
        follower.url = f"http://127.0.0.1:{relay.port}"
        relay.end_before("replay:done")
        follower.start()
        assert (relay.lost, follower.connections()) == (1, 1)
        hub.pay("first")
        wait_until(lambda: follower.paid() == ["first"], "what came once it was connected is printed")


def test_a_refused_token_ends_it_with_a_word(hub: Hub) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), hub.url],
        env=os.environ | {"NOCTULE_TOKEN": "not-a-token"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "refused the token" in done.stderr
    assert "not-a-token" not in done.stderr


def test_without_a_token_it_says_how_to_get_one() -> None:
    plain = {key: value for key, value in os.environ.items() if key != "NOCTULE_TOKEN"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "http://127.0.0.1:9"],
        env=plain,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "noctule token create" in done.stderr


@pytest.mark.parametrize("content", ["", "not json\n", "[]\n", '{"epoch": 1, "seq": 2}\n', '{"epoch": "a"}\n'])
def test_a_file_that_holds_no_place_is_named_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    cursor = tmp_path / "cursor"
    cursor.write_text(content, "utf-8")
    command = [sys.executable, str(PROGRAM), "http://127.0.0.1:9", "--cursor", str(cursor)]
    done = subprocess.run(
        command, env=os.environ | {"NOCTULE_TOKEN": "x"}, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, cursor.read_text("utf-8")) == (2, "", content)
    assert done.stderr.startswith(f"--cursor {cursor} cannot be read (")
    assert "Traceback" not in done.stderr
