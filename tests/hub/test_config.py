"""Settings of the hub: the example file, and errors that say where and what."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from noctule_hub.config import HubSettings, LogFormat, LogLevel, load_config, settings_from_table
from noctule_hub.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "examples" / "hub.toml"


def test_example_lists_every_key_at_its_default() -> None:
    table = tomllib.loads(EXAMPLE.read_text())
    assert set(table) == {field.name for field in fields(HubSettings)}
    assert settings_from_table(table, source="hub.toml") == HubSettings()


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
        ('log_format = "xml"', "is not one of text, json"),
        ('public_origins = "https://a.example"', "is not a list"),
        ('public_origins = ["https://a.example/"]', "public_origins[0] = 'https://a.example/' is not an origin"),
        ('public_origins = ["ftp://a.example"]', "is not an origin"),
        ("port = ", "not valid TOML"),
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


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(tmp_path, file=tmp_path / "none.toml")


def test_levels_and_origins_are_read(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('log_level = "debug"\npublic_origins = ["https://NOC.example.net:8443"]')
    settings = load_config(tmp_path).settings
    assert settings.log_level is LogLevel.DEBUG
    assert settings.public_origins == ("https://noc.example.net:8443",)


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:5000"), ("0.0.0.0", "http://127.0.0.1:5000"), ("::1", "http://[::1]:5000")],
)
def test_url_is_one_that_a_browser_on_this_machine_opens(tmp_path: Path, host: str, url: str) -> None:
    assert load_config(tmp_path, host=host).url == url
