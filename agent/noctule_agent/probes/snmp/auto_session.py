"""gufo for every device, and pysnmp for those that only pysnmp can speak with.

Those are devices that answer from another address than they were asked at, which gufo's connected socket never
sees, and devices that gufo is refused by. What was found once is kept in `memory`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.probes.snmp.gufo_session import GufoSession
from noctule_agent.probes.snmp.memory import Memory
from noctule_agent.probes.snmp.port_probe import answering_address
from noctule_agent.probes.snmp.session import Reason, SnmpFailure, SnmpSession, Value

# After the second timeout in a row, then 4, 8 and so on, up to each 64th.
MAX_TIMEOUTS_BETWEEN_CHECKS: Final = 64
CHECK_WAIT_S: Final = 1.0

T = TypeVar("T")


class AutoSession:
    """A session with one device at a numeric address; starts with what `memory` knows of it."""

    def __init__(
        self, address: str, port: int, version: SnmpVersion, credentials: SnmpCredentials, memory: Memory
    ) -> None:
        self.version = version
        self._address = address
        self._port = port
        self._credentials = credentials
        self._memory = memory
        self._timeouts = 0
        self._check_at = 2
        self._on_pysnmp = self.remark is not None
        self._session: SnmpSession = (
            self._pysnmp() if self._on_pysnmp else GufoSession(address, port, version, credentials, memory)
        )

    @property
    def remark(self) -> str | None:
        """Why pysnmp was chosen, None when it was not."""
        return self._memory.needs_pysnmp.get((self._address, self._port))

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        """See `SnmpSession.get`."""
        return await self._attempt(lambda session: session.get(oids, timeout_s=timeout_s), timeout_s)

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        """See `SnmpSession.next`."""
        return await self._attempt(
            lambda session: session.next(oid, repetitions=repetitions, timeout_s=timeout_s), timeout_s
        )

    async def close(self) -> None:
        """See `SnmpSession.close`."""
        await self._session.close()

    async def _attempt(self, ask: Callable[[SnmpSession], Awaitable[T]], timeout_s: float) -> T:
        try:
            answer = await ask(self._session)
        except SnmpFailure as failure:
            if self._on_pysnmp:
                raise
            if failure.reason is Reason.WRONG_CREDENTIALS:
                return await self._refused(ask, failure)
            if failure.reason is not Reason.TIMEOUT or not await self._answers_elsewhere(timeout_s):
                raise
            return await ask(self._session)
        self._timeouts, self._check_at = 0, 2
        return answer

    async def _answers_elsewhere(self, timeout_s: float) -> bool:
        """After some timeouts, look whether the device answers from another address; if so, turn to pysnmp."""
        self._timeouts += 1
        if self._timeouts < self._check_at:
            return False
        self._check_at += min(self._check_at, MAX_TIMEOUTS_BETWEEN_CHECKS)
        community = self._credentials.community or ""
        wait_s = min(CHECK_WAIT_S, timeout_s)
        source = await answering_address(self._address, self._port, self.version, community, timeout_s=wait_s)
        if source is None or source == self._address:
            return False
        await self._turn_to_pysnmp(
            f"the device answers from {source} and not from {self._address}, where it is asked; pysnmp accepts that, "
            "but is much slower: set the source address of its SNMP answers, or monitor it at that address"
        )
        return True

    async def _refused(self, ask: Callable[[SnmpSession], Awaitable[T]], failure: SnmpFailure) -> T:
        """Let pysnmp say why the device refuses; gufo reads no reports. Asked once for the same credentials."""
        key = (self._address, self._port), self._credentials
        known = self._memory.refusals.get(key)
        if known is not None:
            raise SnmpFailure(Reason.WRONG_CREDENTIALS, known)
        session = self._pysnmp()
        try:
            answer = await ask(session)
        except SnmpFailure as other:
            await session.close()
            if other.reason is not Reason.WRONG_CREDENTIALS:
                raise failure from None
            self._memory.refusals.put(key, str(other))
            raise
        await session.close()
        await self._turn_to_pysnmp("the device refuses the gufo backend and accepts pysnmp, which is much slower")
        return answer

    async def _turn_to_pysnmp(self, remark: str) -> None:
        self._memory.needs_pysnmp.put((self._address, self._port), remark)
        await self._session.close()
        self._on_pysnmp = True
        self._session = self._pysnmp()

    def _pysnmp(self) -> SnmpSession:
        return pysnmp_session(self._address, self._port, self.version, self._credentials)


def pysnmp_session(address: str, port: int, version: SnmpVersion, credentials: SnmpCredentials) -> SnmpSession:
    """Return a session by pysnmp, imported when needed: it costs half a second and 30 MB that few devices need."""
    from noctule_agent.probes.snmp.pysnmp_session import PysnmpSession  # noqa: PLC0415  see above

    return PysnmpSession(address, port, version, credentials)
