"""`noctule hub run` as a process of its own, as a service manager starts and stops it."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_S = 60.0


@dataclass
class Program:
    """A hub that runs; `words` are the lines of its log so far."""

    process: asyncio.subprocess.Process
    words: list[str] = field(default_factory=list)
    said: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def says(self, pattern: str, *, after: int = 0) -> "re.Match[str]":
        """Wait for a line and return its match; `after`: so many lines are passed over."""
        async with asyncio.timeout(START_S), self.said:
            while True:
                for line in self.words[after:]:
                    if match := re.search(pattern, line):
                        return match
                assert self.process.returncode is None, "\n".join(self.words)
                await self.said.wait()

    async def listen(self) -> None:
        """Read its log until it ends."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            async with self.said:
                self.words.append(line.decode().rstrip())
                self.said.notify_all()

    async def stop(self) -> tuple[int, float]:
        """End it as systemd does; returns its exit status and how long it took."""
        began_s = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status = await self.process.wait()
        return status, time.monotonic() - began_s


@asynccontextmanager
async def started(data_dir: Path, *options: str, **environment: str) -> AsyncIterator[tuple[Program, str]]:
    """Start a hub and return it with its address; it is killed when the test ends early."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "noctule_hub.cli", "hub", "run", "--data-dir", str(data_dir), "--port", "0", *options),
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    program = Program(process)
    listening = asyncio.create_task(program.listen())
    try:
        url = (await program.says(r"listens on (\S+?)[\"\s]*$"))[1]
        yield program, url
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
