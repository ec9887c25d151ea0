"""The last uses of programs' tokens: noted at each, written together, and kept when they cannot be written."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from noctule_hub.auth.token_use import TokenUses
from noctule_hub.core.accounts import Use
from noctule_hub.core.principal import Principal, Role
from noctule_hub.store.errors import StoreError


@dataclass
class Kept:
    written: list[dict[int, Use]] = field(default_factory=list)
    failure: StoreError | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)
    # What comes in while it is being written.
    meanwhile: list[tuple[TokenUses, Principal]] = field(default_factory=list)

    async def note_token_uses(self, uses: Mapping[int, Use]) -> None:
        self.came.set()
        if self.failure is not None:
            raise self.failure
        self.written.append(dict(uses))
        for noted, principal in self.meanwhile:
            noted.note(principal, "192.0.2.3", 3)


def program(token_id: int) -> Principal:
    return Principal(f"token:{token_id}", Role.VIEWER, "grafana")


async def test_many_uses_are_one_write_of_the_newest() -> None:
    uses, kept = TokenUses(), Kept()
    for at_ms in (1, 2):
        uses.note(program(7), "192.0.2.1", at_ms)
    uses.note(program(8), "", 2)
    uses.note(Principal("user:7", Role.ADMIN, "ann"), "192.0.2.2", 9)
    assert uses.of(7) == Use(2, "192.0.2.1")
    await uses.write(kept)
    await uses.write(kept)
    assert kept.written == [{7: Use(2, "192.0.2.1"), 8: Use(2, None)}]
    assert uses.of(7) is None


async def test_a_use_during_the_write_waits_for_the_next_one() -> None:
    uses = TokenUses()
    kept = Kept(meanwhile=[(uses, program(7))])
    uses.note(program(7), "192.0.2.1", 1)
    await uses.write(kept)
    assert uses.of(7) == Use(3, "192.0.2.3")


async def test_what_cannot_be_written_is_written_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    uses, kept = TokenUses(), Kept(failure=StoreError("hub.db: the disk is full"))
    uses.note(program(7), "192.0.2.1", 1)
    running = asyncio.create_task(uses.run(kept, every_s=0.001))
    async with asyncio.timeout(5):
        for _ in range(3):
            await kept.came.wait()
            kept.came.clear()
    assert (len(caplog.records), kept.written) == (1, [])
    kept.failure = None
    running.cancel()
    await asyncio.wait([running])
    assert kept.written[-1] == {7: Use(1, "192.0.2.1")}
