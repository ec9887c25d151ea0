"""What a client is told of its place in the log: `position`, `replay:done` and the ack of `subscribe`."""

from collections.abc import Mapping
from typing import Any

from noctule_hub.core.principal import Principal
from noctule_hub.core.replay import Recoverable, Recovery, lost_logs_notice, snapshot_url
from noctule_hub.core.rooms import Allowed, Denied
from noctule_hub.realtime.connections import Connection


def position(connection: Connection, *, epoch: str, seq: int) -> dict[str, Any]:
    """Return `position` for a client that was sent everything up to `seq`, and how many events that were."""
    return {"epoch": epoch, "seq": seq, "delivered": connection.delivered}


def subscribed(
    principal: Principal, room: str, *, epoch: str, head: int, replayed: int, recovered: bool
) -> dict[str, Any]:
    """Return the ack of `subscribe`. Not recovered: where to read the present state, where there is one."""
    ack: dict[str, Any] = {
        "ok": True,
        "room": room,
        "epoch": epoch,
        "head": head,
        "recovered": recovered,
        "replayed": replayed,
    }
    url = None if recovered else snapshot_url(principal, room)
    return ack if url is None else ack | {"snapshotUrl": url}


def replay_done(
    connection: Connection,
    verdicts: Mapping[str, Allowed | Denied],
    recovery: Recovery,
    *,
    epoch: str,
    replayed: int,
) -> dict[str, Any]:
    """Return `replay:done` for a client that asked for the rooms of `verdicts`; it holds what `position` does.

    `snapshots`: not recovered, and where the present state of each of its rooms is read, where there is one.
    """
    joined = [room for room, verdict in verdicts.items() if isinstance(verdict, Allowed)]
    recovered = isinstance(recovery.outcome, Recoverable)
    done = position(connection, epoch=epoch, seq=connection.cursor) | {
        "rooms": joined,
        "recovered": recovered,
        "replayed": replayed,
    }
    if not recovered:
        done["snapshots"] = {
            room: url for room in joined if (url := snapshot_url(connection.principal, room)) is not None
        }
    if recovery.lost_logs is not None:
        done["logs"] = lost_logs_notice(recovery.lost_logs)
    denied = {room: verdict.reason for room, verdict in verdicts.items() if isinstance(verdict, Denied)}
    if denied:
        done["denied"] = [{"room": room, "reason": reason.value} for room, reason in denied.items()]
    return {**done, **connection.greeting}
