import io
import json
import logging
from collections.abc import Iterator

import pytest
from noctule_agent.log import LogFormat, LogLevel, inert, set_up_logging


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("noctule_agent")
    handlers, level, own_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(own_level)


def logged(log_format: LogFormat, level: LogLevel = LogLevel.INFO) -> str:
    stream = io.StringIO()
    set_up_logging(level, log_format, stream=stream)
    log = logging.getLogger("noctule_agent.monitor")
    log.debug("detail")
    log.warning("device %s", "evil\x1b[31m\nline")
    return stream.getvalue()


def test_a_text_line_stays_one_line_whatever_a_device_says() -> None:
    (line,) = logged(LogFormat.TEXT).splitlines()
    assert line.endswith("WARNING monitor: device evil\\x1b[31m\\nline")


def test_a_json_line_is_one_document() -> None:
    (line,) = logged(LogFormat.JSON).splitlines()
    document = json.loads(line)
    assert (document["level"], document["area"]) == ("warning", "monitor")
    assert document["message"] == "device evil\x1b[31m\nline"


def test_debug_lines_come_only_when_asked_for() -> None:
    assert "detail" in logged(LogFormat.TEXT, LogLevel.DEBUG)


def test_letters_of_all_languages_stay_readable() -> None:
    assert inert("Zürich 日本 \u202e") == "Zürich 日本 \\u202e"
