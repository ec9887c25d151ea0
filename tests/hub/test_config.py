"""Settings of the hub: the example file, and errors that say where and what."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from noctule_hub.config import Compression, HubSettings, LogFormat, LogLevel, load_config
from noctule_hub.config.settings import read_settings
from noctule_hub.config.table import Table
from noctule_hub.core.retention import Retention
from noctule_hub.errors import ConfigError


class Recorder(dict[str, object]):
    """A table that notes, whole paths first, which of the keys that are asked for it does not have."""

    def __init__(self, values: Mapping[str, object], path: str = "", missing: list[str] | None = None) -> None:
        self.missing: list[str] = [] if missing is None else missing
        self.path = path
        super().__init__(
            {
                key: Recorder(value, f"{path}{key}.", self.missing) if isinstance(value, dict) else value
                for key, value in values.items()
            }
        )

    def get(self, key: str, default: object = None) -> object:
        if key not in self:
            self.missing.append(f"{self.path}{key}")
        return super().get(key, default)


EXAMPLE = Path(__file__).parents[2] / "examples" / "hub.toml"


def test_example_lists_every_key_at_its_default() -> None:
    table = tomllib.loads(EXAMPLE.read_text())
    asked = Recorder(table)
    assert Table(asked, source="hub.toml").read(read_settings) == HubSettings()
    assert asked.missing == []


def test_options_win_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('host = "192.0.2.1"\nport = 8080\nlog_format = "json"\n')
    settings = load_config(tmp_path, port=9090).settings
    assert (settings.host, settings.port, settings.log_format) == ("192.0.2.1", 9090, LogFormat.JSON)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path).settings == HubSettings()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prot = 5000", "unknown key 'prot' (value 5000); did you mean 'port'?"),
        ("zzzz = 1", "known keys: host, port"),
        ('port = "5000"', "port = '5000' is not a port"),
        ("port = true", "port = True is not a port"),
        ("port = 70000", "port = 70000 is not a port"),
        ('host = ""', "host = '' is not an address"),
        ('log_level = "warnings"', "did you mean 'warning'?"),
        ('log_format = "xml"', "is not one of text, json, journal"),
        ('public_origins = "https://a.example"', "is not a list"),
        ('public_origins = ["https://a.example/"]', "public_origins[0] = 'https://a.example/' is not an origin"),
        ('public_origins = ["ftp://a.example"]', "is not an origin"),
        ("port = ", "not valid TOML"),
        ("[limits]\nconections = 5", "unknown key 'limits.conections' (value 5); did you mean 'connections'?"),
        ("[limits]\nconnections = 5", "limits.connections = 5 is not a whole number from 10 to 1000000"),
        ("limits = 5", "limits = 5 is not a table: write [limits]"),
        ("[events]\nmax_rows = 5", "events.max_rows = 5 is not a whole number from 10000"),
        ("[logs]\nmax_byte = 5", "unknown key 'logs.max_byte' (value 5); did you mean 'max_bytes'?"),
        ("[logs]\ndays = 0", "logs.days = 0 is not a whole number from 1 to 3650"),
        ("[limit]\nconnections = 50", "unknown key 'limit'"),
        ('trusted_proxies = ["10.0.0.1/8"]', "trusted_proxies[0] = '10.0.0.1/8' is not an address or a network"),
        ("trusted_proxies = [7]", "trusted_proxies[0] = 7 is not an address or a network"),
        ('public_url = "https://noc.example.net/hub"', "is not the address that people open"),
        ('tls_certificate = "a.pem"\ntls_key = "/b.pem"', "tls_certificate = 'a.pem' is not the absolute path"),
        ('tls_certificate = "/a.pem"', "tls_certificate and tls_key are given together"),
        ('access_log = "yes"', "access_log = 'yes' is not true or false"),
        ('[sockets]\ncompression = "atuo"', "is not one of off, auto, on; did you mean 'auto'?"),
        ("[sockets]\ncompression = 1", "sockets.compression = 1 is not one of off, auto, on"),
        ("retention = 5", "retention = 5 is not a table: write [retention]"),
        ("[retention]\nraw_day = 5", "unknown key 'retention.raw_day' (value 5); did you mean 'raw_days'?"),
        ("[retention]\nraw_days = 0", "retention.raw_days = 0 is not a whole number from 1 to 3660"),
        ('[retention]\nmax_bytes = "9 GB"', "retention.max_bytes = '9 GB' is not a number of bytes, 0 for no limit"),
    ],
)
def test_a_wrong_setting_names_file_key_and_value(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert str(file) in str(caught.value)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("false", Compression.OFF),
        ("true", Compression.ON),
        ('"off"', Compression.OFF),
        ('"on"', Compression.ON),
        ('"auto"', Compression.AUTO),
    ],
)
def test_compression_is_read_as_it_was_written_before_too(tmp_path: Path, value: str, expected: Compression) -> None:
    (tmp_path / "hub.toml").write_text(f"[sockets]\ncompression = {value}\n")
    assert load_config(tmp_path).settings.sockets.compression is expected


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(tmp_path, file=tmp_path / "none.toml")


def test_levels_and_origins_are_read(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('log_level = "debug"\npublic_origins = ["https://NOC.example.net:8443"]')
    settings = load_config(tmp_path).settings
    assert settings.log_level is LogLevel.DEBUG
    assert settings.public_origins == ("https://noc.example.net:8443",)


def test_retention_is_read_and_what_is_not_named_stays_at_its_default(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text("[retention]\nraw_days = 30\nmax_bytes = 500_000_000_000")
    assert load_config(tmp_path).settings.retention == Retention(raw_days=30, max_bytes=500_000_000_000)
    (tmp_path / "hub.toml").write_text("[retention]\nmax_bytes = 0")
    assert load_config(tmp_path).settings.retention == Retention()


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:5000"), ("0.0.0.0", "http://127.0.0.1:5000"), ("::1", "http://[::1]:5000")],
)
def test_url_is_one_that_a_browser_on_this_machine_opens(tmp_path: Path, host: str, url: str) -> None:
    assert load_config(tmp_path, host=host).url == url


def test_the_value_of_an_unknown_key_that_may_be_a_secret_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('shared_secret = "planted"')
    with pytest.raises(ConfigError, match="unknown key 'shared_secret'") as caught:
        load_config(tmp_path)
    assert "planted" not in str(caught.value)


def test_named_tables_are_read_by_one_reader_and_errors_name_the_table() -> None:
    table = Table({"external": {"billing": {"n": 1}, "portal": {"n": 2}}}, source="hub.toml", path="auth")

    def read(one: Table) -> int:
        return one.whole("n", 0, least=0, most=9)

    assert table.tables("external", read, most=2) == {"billing": 1, "portal": 2}
    wrong = Table({"external": {"billing": {"m": 1}}}, source="hub.toml", path="auth")
    with pytest.raises(ConfigError, match=r"unknown key 'auth\.external\.billing\.m'"):
        wrong.tables("external", read, most=2)
    with pytest.raises(ConfigError, match=r"at most 1 tables: write \[auth\.external\.NAME\]"):
        table.tables("external", read, most=1)
