"""What must be true of a hub's alerts after it was killed many times, read from its data and from what was received."""

import email
import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from noctule_shared.times import ms_from_iso

from tests.hub.notify.receivers import Mail, Posted
from tests.kill.alarm import KEY, MAIL, PORT_FOR_MS, WEBHOOK, read

SHOWN = 6


class Received(NamedTuple):
    """A message as its receiver has it: its id, and all that it says but when it was sent."""

    delivery: str
    says: object


@dataclass
class AlarmVerdict:
    """What was compared, and everything that is wrong, in words."""

    alerts: int = 0
    decisions: int = 0
    messages: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        return (
            f"{self.alerts} alerts, {self.decisions} decisions to tell somebody, {self.messages} messages received, "
            f"{self.doubled} of them again under the same id"
        )

    def accuse(self, what: str, culprits: Iterable[object]) -> None:
        found = list(culprits)
        if found:
            self.wrong.append(f"{len(found)} x {what}: {'; '.join(map(str, found[:SHOWN]))}")


def posted(posts: Iterable[Posted]) -> list[Received]:
    """Return what a webhook was posted. Raises AssertionError when a signature is wrong."""
    received = []
    for post in posts:
        at, _, digest = post.headers["x-noctule-signature"].removeprefix("t=").partition(",v1=")
        expected = hmac.new(KEY.encode(), f"{at}.".encode() + post.body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(expected, digest), f"delivery {post.delivery} is not signed by its channel's key"
        said = msgspec.json.decode(post.body)
        assert said.pop("deliveryId") == post.delivery
        del said["sentAt"]
        received.append(Received(post.delivery, said))
    return received


def mailed(mails: Iterable[Mail]) -> list[Received]:
    """Return what a mail server was handed over."""
    received = []
    for mail in mails:
        parsed = email.message_from_bytes(mail.content)
        delivery = str(parsed["Message-ID"]).strip("<>").partition("@")[0]
        received.append(Received(delivery, (parsed["Subject"], parsed.get_payload())))
    return received


def judge(data_dir: Path, received: dict[str, list[Received]]) -> AlarmVerdict:
    """Compare a stopped hub's decisions with its log and with what its receivers have, by the name of the channel."""
    verdict = AlarmVerdict()
    with closing(read(data_dir)) as database:
        channels = dict(database.execute("SELECT name, id FROM channel"))
        deliveries = database.execute(
            "SELECT channel_id, alert_id, kind, state, public_id, bundle FROM delivery"
        ).fetchall()
        alerts = database.execute(
            "SELECT id, rule, device_id, interface_id, state, started_ms, fired_ms, resolved_ms FROM alert"
        ).fetchall()
        query = "SELECT name, data, observed_ms, late FROM event ORDER BY seq"
        log = [(name, msgspec.json.decode(data), at, bool(late)) for name, data, at, late in database.execute(query)]
    verdict.alerts, verdict.decisions = len(alerts), len(deliveries)
    _judge_log(verdict, log, alerts)
    _judge_decisions(verdict, log, deliveries, set(channels.values()))
    _judge_starts(verdict, log, alerts)
    for name in (WEBHOOK, MAIL):
        own = [row for row in deliveries if row[0] == channels[name]]
        _judge_received(verdict, name, own, received[name])
    return verdict


def _judge_log(verdict: AlarmVerdict, log: list[Any], alerts: list[Any]) -> None:
    """Each alert that fired rang once, and each that is resolved was told so once.

    What was over before the hub heard of it is history: told as late, and to nobody.
    """
    rang = Counter(data["id"] for name, data, _, _ in log if name == "alert:new")
    ended = Counter(data["id"] for name, data, _, _ in log if name == "alert:update" and data["state"] == "resolved")
    verdict.accuse("alerts that rang more than once", (each for each, times in rang.items() if times > 1))
    verdict.accuse("alerts that ended more than once", (each for each, times in ended.items() if times > 1))
    history = {data["id"] for name, data, _, late in log if name == "alert:update" and late} - rang.keys()
    fired = {row[0] for row in alerts if row[6] is not None} - history
    verdict.accuse("alerts that fired and never rang", fired - rang.keys())
    verdict.accuse("alerts that rang and never fired", rang.keys() - fired)
    verdict.accuse("alerts that are over and were not told so", {row[0] for row in alerts if row[7]} - ended.keys())


def _judge_decisions(verdict: AlarmVerdict, log: list[Any], deliveries: list[Any], channels: set[int]) -> None:
    """To each channel one decision for each alert that rang in time, and one for its end; no other."""
    decided = Counter((row[0], row[1], row[2]) for row in deliveries)
    verdict.accuse("decisions recorded twice", (each for each, times in decided.items() if times > 1))
    news = {data["id"] for name, data, _, late in log if name == "alert:new" and not late}
    ends = {
        data["id"]
        for name, data, _, late in log
        if name == "alert:update" and data["state"] == "resolved" and not late and data["id"] in news
    }
    wanted = {
        (each, alert_id, kind)
        for each in channels
        for kind, ids in (("new", news), ("resolved", ends))
        for alert_id in ids
    }
    verdict.accuse("decisions that are not recorded", wanted - decided.keys())
    verdict.accuse("decisions without an event", decided.keys() - wanted)
    verdict.accuse("decisions never delivered", (row for row in deliveries if row[3] != "delivered"))


def _judge_starts(verdict: AlarmVerdict, log: list[Any], alerts: list[Any]) -> None:
    """An alert counts from when its port or device fell, whatever was killed since, and rings only then."""
    falls: dict[tuple[str, int], set[int]] = defaultdict(set)
    for name, data, at_ms, _ in log:
        if name == "interface:status" and data["ifOperStatus"] == "down":
            falls["interface-down", data["interfaceId"]].add(at_ms)
        elif name == "device:status" and data["status"] == "offline":
            falls["device-offline", data["deviceId"]].add(at_ms)
    for alert_id, rule, device_id, interface_id, _, started_ms, fired_ms, _ in alerts:
        about = (rule, device_id if interface_id is None else interface_id)
        if about not in falls:
            continue
        if started_ms not in falls[about]:
            verdict.wrong.append(f"alert {alert_id} ({rule}) began at {started_ms}, when nothing fell")
        least_ms = PORT_FOR_MS if rule == "interface-down" else 0
        if fired_ms is not None and fired_ms - started_ms < least_ms:
            verdict.wrong.append(f"alert {alert_id} ({rule}) rang {fired_ms - started_ms} ms after it began")
    told = {data["id"]: ms_from_iso(data["startedAt"]) for name, data, _, _ in log if name == "alert:new"}
    verdict.accuse(
        "alerts that rang with another begin than they have now",
        (row[0] for row in alerts if told.get(row[0], row[5]) != row[5]),
    )


def _judge_received(verdict: AlarmVerdict, name: str, own: list[Any], received: list[Received]) -> None:
    """What a receiver has are the decisions of its channel, each under one id that says one thing."""
    verdict.messages += len(received)
    verdict.doubled += len(received) - len({one.delivery for one in received})
    has = {one.delivery for one in received}
    final = {row[5] or row[4] for row in own}
    # One that was on its way alone when the hub died may have gone again in a summary.
    known = final | {row[4] for row in own}
    verdict.accuse(f"ids at {name} that no decision has", has - known)
    verdict.accuse(f"decisions that {name} never got", final - has)
    says: dict[str, object] = {}
    verdict.accuse(
        f"ids at {name} that mean two different things",
        (
            f"{one.delivery}: {says[one.delivery]} and then {one.says}"
            for one in received
            if says.setdefault(one.delivery, one.says) != one.says
        ),
    )
