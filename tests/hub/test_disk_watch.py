"""The disk is measured again and again, and a measurement that fails ends nothing."""

import asyncio
from pathlib import Path

import pytest
from noctule_hub.core.storage_space import StorageSpace
from noctule_hub.disk_watch import disk_survey, measured
from noctule_hub.ingest.inputs import Input, StorageInput


def test_a_real_folder_has_a_size(tmp_path: Path) -> None:
    space = measured(tmp_path)
    assert space.folder == str(tmp_path)
    assert 0 <= space.free_bytes <= space.total_bytes


async def test_it_goes_on_after_a_failure_tells_it_once_and_counts_each(caplog: pytest.LogCaptureFixture) -> None:
    space = StorageSpace("/data", 100, 50)
    answers: list[StorageSpace | OSError] = [OSError("stale handle"), OSError("stale handle"), space]
    submitted: asyncio.Queue[Input] = asyncio.Queue()

    def measure() -> StorageSpace:
        answer = answers.pop(0) if answers else space
        if isinstance(answer, OSError):
            raise answer
        return answer

    watch = disk_survey(measure, submitted.put_nowait, every_s=0.001)
    task = asyncio.create_task(watch.run())
    assert await asyncio.wait_for(submitted.get(), 10) == StorageInput(space)
    task.cancel()
    await asyncio.wait([task])
    assert (len(caplog.records), watch.failures) == (1, 2)
