"""The hub's own metrics: counters that its parts keep anyway, collected when somebody asks, and the event loop's lag.

How they are written is `core.exposition`'s, who may read them `api.metrics`'.
"""

import asyncio
import os
import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from noctule_hub import __version__
from noctule_hub.api.arrival import HttpCounters
from noctule_hub.api.context import ApiContext
from noctule_hub.core.exposition import Family, Sample, by_label, counter, gauge, histogram
from noctule_hub.core.histogram import Histogram
from noctule_hub.ingest.engine import QUEUE_PAUSE_BYTES, Engine
from noctule_hub.listener import Listener
from noctule_hub.notify import metrics as notifying
from noctule_hub.notify.worker import Notifications
from noctule_hub.present import Present
from noctule_hub.realtime.admission import MAX_CONNECTIONS
from noctule_hub.realtime.fanout import MAX_QUEUED_BYTES
from noctule_hub.realtime.gate import MAX_SESSIONS
from noctule_hub.realtime.service import SocketService
from noctule_hub.reloading import Reload
from noctule_hub.store.sqlite import SqliteStore
from noctule_hub.store.sqlite.projector import Projector
from noctule_hub.store.sqlite.tail import MAX_TAIL_ROWS
from noctule_hub.store.sqlite.writer import MAX_WAITING_JOBS
from noctule_hub.surveys import Survey
from noctule_hub.tls import ServerTls

LOOK_S: Final = 0.5
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class LoopLag:
    """How late the event loop comes to what is due: everybody waits that long."""

    late: Histogram = field(default_factory=Histogram)

    async def watch(self) -> None:
        """Look every `LOOK_S`; until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self.late.observe(max(0.0, loop.time() - due_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """The parts whose counters are told. `tls` None: plain HTTP."""

    engine: Engine
    store: SqliteStore
    projector: Projector
    service: SocketService
    present: Present
    http: HttpCounters
    context: ApiContext
    listener: Listener
    reload: Reload
    lag: LoopLag
    notifications: Notifications
    surveys: tuple[Survey, ...]
    tls: ServerTls | None

    def families(self) -> Iterator[Family]:
        """Yield every family once."""
        yield gauge("noctule_hub_info", "The hub itself.", [({"version": __version__}, 1)])
        yield gauge("noctule_hub_start_time_seconds", "When it started, since 1970.", self.context.started_ms / 1000)
        yield from self._ingest()
        yield from self._storage()
        yield from self._clients()
        yield from self._deliveries()
        yield from notifying.families(self.notifications)
        yield from self._http()
        yield from self._network()
        yield from self._settings()
        yield from process_families(self.lag)

    def _ingest(self) -> Iterator[Family]:
        done, engine = self.engine.counters, self.engine
        yield counter("noctule_hub_ingest_frames_total", "Frames taken.", done.frames)
        yield counter("noctule_hub_ingest_rows_total", "Measured rows committed.", done.samples)
        yield counter("noctule_hub_ingest_duplicate_frames_total", "Frames that were there already.", done.duplicates)
        rejected = by_label("reason", done.rejected_by_reason)
        yield counter("noctule_hub_ingest_rejected_frames_total", "Frames that can never be read.", rejected)
        yield counter("noctule_hub_ingest_foreign_frames_total", "Frames of another epoch.", done.foreign)
        yield counter("noctule_hub_ingest_failed_inputs_total", "Inputs set aside by an error.", done.failed_inputs)
        yield counter(
            "noctule_hub_failed_judgements_total", "Batches not judged by rules for an error.", done.failed_judgements
        )
        surveys = [({"what": survey.what}, survey.failures) for survey in self.surveys]
        yield counter("noctule_hub_failed_surveys_total", "Looks at what rules need that failed.", surveys)
        yield counter("noctule_hub_ingest_commits_total", "Group commits.", done.commits)
        failed = done.failed_commits
        yield counter("noctule_hub_ingest_failed_commits_total", "Group commits that the store refused.", failed)
        yield gauge("noctule_hub_ingest_queue_bytes", "Received frames that wait for a commit.", engine.queued_bytes)
        paused_at = QUEUE_PAUSE_BYTES
        yield gauge("noctule_hub_ingest_queue_max_bytes", "Past this agents are paused.", paused_at)
        yield gauge("noctule_hub_ingest_queue_inputs", "Inputs that wait for their turn.", engine.queued_inputs)
        yield gauge("noctule_hub_ingest_paused", "1 while agents are paused.", int(engine.is_paused))
        yield gauge("noctule_hub_ingest_lag_seconds", "For how long inputs have been waiting.", engine.lag_s)

    def _storage(self) -> Iterator[Family]:
        store, done, now_ms = self.store, self.store.counters, self.context.clock_ms()
        yield counter("noctule_hub_writer_commits_total", "Transactions committed.", done.commits)
        yield histogram("noctule_hub_writer_commit_seconds", "Duration of transactions.", done.durations)
        yield counter("noctule_hub_writer_failed_commits_total", "Transactions that failed.", done.failed_commits)
        yield counter("noctule_hub_writer_jobs_total", "Jobs committed.", done.jobs)
        yield counter("noctule_hub_writer_failed_jobs_total", "Jobs rolled back alone.", done.failed_jobs)
        yield counter("noctule_hub_writer_checkpoints_total", "Checkpoints of the WAL.", done.checkpoints)
        yield gauge("noctule_hub_writer_queue_jobs", "Jobs that wait.", store.waiting_jobs)
        yield gauge("noctule_hub_writer_queue_max_jobs", "Past this callers wait.", MAX_WAITING_JOBS)
        yield gauge("noctule_hub_wal_bytes", "Size of the write-ahead log.", store.wal_bytes)
        yield gauge("noctule_hub_tail_rows", "Measured rows in memory that are in no day file yet.", store.tail_rows)
        yield gauge("noctule_hub_tail_max_rows", "Past this the oldest leave the memory.", MAX_TAIL_ROWS)
        dropped = store.tail_dropped_rows
        yield counter("noctule_hub_tail_dropped_rows_total", "Rows that left a full memory early.", dropped)
        oldest_ms = store.tail_oldest_ms
        lag_s = 0.0 if oldest_ms is None else max(0.0, (now_ms - oldest_ms) / 1000)
        yield gauge("noctule_hub_projector_lag_seconds", "Age of the oldest rows in no day file.", lag_s)
        failures = self.projector.failures
        yield counter("noctule_hub_projector_failures_total", "Passes into day files that failed.", failures)
        lost = self.projector.dropped_rows
        yield counter("noctule_hub_projector_dropped_rows_total", "Rows that belong to no object.", lost)
        dropped = self.projector.upkeep.dropped_alerts
        yield counter("noctule_hub_dropped_alerts_total", "Alerts that were over and are not kept any more.", dropped)
        yield gauge(
            "noctule_hub_event_log_head", "Seq of the newest event handed out.", self.service.broadcaster.position
        )

    def _clients(self) -> Iterator[Family]:
        service = self.service
        present: Counter[tuple[str, str]] = Counter()
        queued: list[int] = []
        for connection in service.connections:
            present[connection.principal.role.value, service.engine.transport(connection.eio_sid)] += 1
            queued.append(service.engine.queued_bytes(connection.eio_sid))
        samples: list[Sample] = [
            ({"role": role, "transport": transport}, number) for (role, transport), number in sorted(present.items())
        ]
        yield gauge("noctule_hub_clients", "Connected Socket.IO clients.", samples)
        yield gauge("noctule_hub_clients_max", "Past this new clients are refused.", MAX_CONNECTIONS)
        yield gauge("noctule_hub_client_queue_bytes", "Bytes that wait for all clients.", sum(queued))
        yield gauge("noctule_hub_client_longest_queue_bytes", "The most that waits for one.", max(queued, default=0))
        yield gauge("noctule_hub_client_queue_max_bytes", "Past this a client is cut.", MAX_QUEUED_BYTES)
        admission, calls, engine = service.admission.counters, service.calls.counters, service.sio.counters
        refused = {
            "token": admission.tokens_refused,
            "handshake": admission.handshakes_refused,
            "call": calls.refused,
            "unknown-call": calls.ignored,
            "malformed": engine.malformed,
            "reserved-event": engine.reserved_events,
            **{reason.value: number for reason, number in service.gate.refused.items()},
        }
        yield counter("noctule_hub_clients_refused_total", "What clients were refused.", by_label("reason", refused))
        failed = {"admission": admission.failed, "call": calls.failed, "handler": engine.handlers_failed}
        yield counter("noctule_hub_client_failures_total", "Errors of the hub's own.", by_label("at", failed))
        cut = {
            "slow-reader": service.slow_readers.cut,
            "expired": admission.expired,
            "revoked": service.authority.revoked,
        }
        yield counter("noctule_hub_clients_cut_total", "Clients cut that had been let in.", by_label("reason", cut))
        yield gauge("noctule_hub_sessions", "Open Socket.IO sessions, agents' too.", len(service.gate))
        yield gauge("noctule_hub_sessions_max", "Past this new ones are refused.", MAX_SESSIONS)

    def _deliveries(self) -> Iterator[Family]:
        service = self.service
        yield counter("noctule_hub_fanout_deliveries_total", "Messages sent to clients.", service.fanout.sent)
        yield counter(
            "noctule_hub_ticker_dropped_total", "Measurements that no tick had room for.", service.ticker.dropped
        )
        failed = {
            "row": service.broadcaster.rows_failed,
            "tail": service.broadcaster.tail_failed,
            "catch-up": service.catch_up.failed,
            "turn": service.turns_failed,
        }
        yield counter("noctule_hub_fanout_failures_total", "Deliveries that failed.", by_label("at", failed))

    def _http(self) -> Iterator[Family]:
        asked: list[Sample] = [
            ({"method": method, "route": route, "status": str(status)}, number)
            for (method, route, status), number in sorted(self.http.requests.items())
        ]
        yield counter("noctule_hub_http_requests_total", "HTTP requests answered.", asked)
        text = "Duration of HTTP requests other than WebSockets."
        yield histogram("noctule_hub_http_request_seconds", text, self.http.durations)
        yield gauge("noctule_hub_http_requests_in_progress", "HTTP requests under way.", self.http.in_progress)
        context = self.context
        limited = {
            "requests": context.request_limit.refused,
            "sign-in": context.sign_in_limit.refused,
            "enrolment": context.enrol_limit.refused,
            "costly-reads": context.costly_reads.refused,
            "exports": context.exports.refused,
            "connections": self.listener.refused,
        }
        yield counter("noctule_hub_limited_total", "What was refused by a limit.", by_label("limit", limited))
        yield gauge("noctule_hub_connections", "Open TCP connections.", self.listener.connections)
        limits = context.config.settings.limits
        yield gauge("noctule_hub_connections_max", "Past this they are closed at once.", limits.connections)
        yield gauge("noctule_hub_costly_reads", "Series, months and searches being read.", context.costly_reads.running)
        yield gauge("noctule_hub_costly_reads_max", "So many at once.", limits.costly_reads)
        yield gauge("noctule_hub_costly_reads_waiting", "Those that wait.", context.costly_reads.waiting)
        yield gauge("noctule_hub_exports", "Exports under way.", context.exports.running)
        refused = sum(
            number
            for (_, route, status), number in self.http.requests.items()
            if route == "/api/v1/auth/login" and status != 200  # noqa: PLR2004  HTTP's OK
        )
        yield counter("noctule_hub_logins_refused_total", "Sign-ins that were refused.", refused)

    def _network(self) -> Iterator[Family]:
        stats = self.present.stats()
        devices = {word: number for word, number in stats.devices.items() if word != "total"}
        yield gauge("noctule_hub_devices", "Devices by status.", by_label("status", devices))
        alerts = {word: number for word, number in stats.alerts.items() if word != "total"}
        yield gauge("noctule_hub_alerts_firing", "Firing alerts by severity.", by_label("severity", alerts))
        yield gauge("noctule_hub_agents", "Agents by their link.", by_label("link", self.present.agent_links()))

    def _settings(self) -> Iterator[Family]:
        yield counter("noctule_hub_reloads_total", "Reloads of hub.toml.", self.reload.done)
        yield counter("noctule_hub_failed_reloads_total", "Reloads refused for a bad file.", self.reload.failed)
        ends_s = None if self.tls is None else self.tls.expires_ms / 1000
        yield gauge("noctule_hub_tls_certificate_end_seconds", "End of the certificate in use, since 1970.", ends_s)


def process_families(lag: LoopLag) -> Iterator[Family]:
    """Yield what Prometheus' own libraries tell of a process, by the same names, and the event loop's lag."""
    yield counter("process_cpu_seconds_total", "CPU time of all threads.", time.process_time())
    rss_bytes = open_files = None
    with suppress(OSError, ValueError, IndexError):
        rss_bytes = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
        open_files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    yield gauge("process_resident_memory_bytes", "Memory in use.", rss_bytes)
    yield gauge("process_open_fds", "Open files and sockets.", open_files)
    yield gauge("process_max_fds", "So many may be open.", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    yield histogram("noctule_hub_loop_lag_seconds", "How late the event loop comes to what is due.", lag.late)
