"""Log lines: one per record, inert, and without secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from noctule_hub.config import LogFormat, LogLevel
from noctule_hub.log import REQUEST_ID, configure_logging


@pytest.fixture(autouse=True)
def root_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(form: LogFormat, message: str, *args: object, error: Exception | None = None) -> list[str]:
    stream = io.StringIO()
    configure_logging(LogLevel.INFO, form, stream=stream)
    logging.getLogger("test").error(message, *args, exc_info=error)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("form", list(LogFormat))
@pytest.mark.parametrize(
    "secret",
    [
        "nct_7_{}_0123456789abcdef0123456789abcdef",
        "Authorization: Bearer {}",
        "password={}",
        "{{'community': '{}'}}",
        '{{"authSecret": "{}"}}',
        "Cookie: noctule_refresh={}",
    ],
)
def test_planted_secrets_do_not_reach_the_log(form: LogFormat, secret: str) -> None:
    planted = "Planted-0123456789abcdef0123456789abcdef"
    (line,) = lines(form, "seen %s here", secret.format(planted), error=ValueError(secret.format(planted)))
    assert "Planted" not in line
    assert "***" in line
    assert "here" in line


def test_a_jwt_does_not_reach_the_log() -> None:
    (line,) = lines(LogFormat.TEXT, "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyOjEifQ.c2lnbmF0dXJl refused")
    assert "eyJ" not in line
    assert line.endswith("token *** refused")


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_record_is_one_inert_line(form: LogFormat) -> None:
    (line,) = lines(form, "sysName %s", "a\nb\x1b[2J\r\x9b31m\u202ec\u2028d", error=ValueError("x\ny"))
    assert not set(line) & set("\x1b\r\x9b\u202e\u2028")
    assert "ValueError" in line


def test_json_lines_have_named_fields() -> None:
    (line,) = lines(LogFormat.JSON, "hello")
    entry = json.loads(line)
    assert (entry["level"], entry["logger"], entry["message"]) == ("error", "test", "hello")
    assert entry["time"].endswith("Z")


def test_records_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    configure_logging(LogLevel.WARNING, LogFormat.TEXT, stream=stream)
    logging.getLogger("test").info("quiet")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("level", "prefix"),
    [(logging.DEBUG, "<7>"), (logging.INFO, "<6>"), (logging.WARNING, "<4>"), (logging.ERROR, "<3>"), (50, "<2>")],
)
def test_the_journal_reads_the_severity_from_the_line_and_knows_the_time_itself(level: int, prefix: str) -> None:
    stream = io.StringIO()
    configure_logging(LogLevel.DEBUG, LogFormat.JOURNAL, stream=stream)
    logging.getLogger("test").log(level, "hello\n<0>forged")
    assert stream.getvalue() == f"{prefix}test: hello\\n<0>forged\n"


def test_records_of_one_request_carry_its_number() -> None:
    token = REQUEST_ID.set("1a2b3c4d")
    try:
        (text,) = lines(LogFormat.TEXT, "slow")
        (entry,) = lines(LogFormat.JSON, "slow")
    finally:
        REQUEST_ID.reset(token)
    assert text.endswith(" ERROR test: [1a2b3c4d] slow")
    assert json.loads(entry)["request"] == "1a2b3c4d"
    assert set(json.loads(lines(LogFormat.JSON, "slow")[0])) == {"time", "level", "logger", "message"}


def test_fields_of_a_json_record_hide_secrets_and_never_replace_its_own() -> None:
    stream = io.StringIO()
    configure_logging(LogLevel.INFO, LogFormat.JSON, stream=stream)
    fields = {"path": "/x?token=planted", "message": "forged", "status": 200}
    logging.getLogger("test").info("real", extra={"fields": fields})
    entry = json.loads(stream.getvalue())
    assert (entry["message"], entry["status"], entry["path"]) == ("real", 200, "/x?token=***")
