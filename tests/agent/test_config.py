from pathlib import Path

import pytest
from noctule_agent.config import CONFIG_KEYS, AgentConfig, find_config, load_config, parse_config
from noctule_agent.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "examples" / "agent.toml"


def test_the_example_lists_every_key_at_its_default() -> None:
    assert load_config(EXAMPLE) == AgentConfig()
    text = EXAMPLE.read_text()
    for key in CONFIG_KEYS:
        assert f"\n{key.rpartition('.')[2]} = " in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log_levle = 'info'", "unknown key log_levle = 'info'; did you mean log_level?"),
        ("[outbx]\nmax_bytes = 9", "unknown key outbx = {'max_bytes': 9}; did you mean outbox?"),
        ("max_bytes = 99999999", "unknown key max_bytes = 99999999; did you mean outbox.max_bytes?"),
        ("[outbox]\nmax_byte = 99999999", "unknown key outbox.max_byte = 99999999; did you mean outbox.max_bytes?"),
        ("log_level = 'warn'", "log_level = 'warn': must be one of .*; did you mean 'warning'?"),
        ("[outbox]\nmax_bytes = 5", "outbox.max_bytes = 5: must be a whole number of bytes, at least"),
        ("[outbox]\nmax_bytes = true", "outbox.max_bytes = True: must be a whole number"),
        ("[outbox]\nmax_age_h = 0", "outbox.max_age_h = 0: must be a number of hours above 0"),
        ("[outbox]\nmax_age_h = nan", "outbox.max_age_h = nan: must be a number of hours"),
        ("[icmp]\nenabled = 1", "icmp.enabled = 1: must be true or false"),
        (
            "[snmp]\nmax_requests_per_s = 0",
            "snmp.max_requests_per_s = 0: must be a number of requests per second from 1",
        ),
        ("[snmp]\nmax_devices_at_once = 1.5", "snmp.max_devices_at_once = 1.5: must be a whole number of devices"),
        ("[snmp]\nmax_devices = 5", "unknown key snmp.max_devices = 5; did you mean snmp.max_devices_at_once"),
        ("icmp = 1", "unknown key icmp = 1; did you mean"),
        ("data_dir = 'relative'", "data_dir = 'relative': must be an absolute path"),
        ("canaries = ['300.1.1.1']", "canaries = .*300.1.1.1' does not appear to be an IPv4 or IPv6 address"),
        ("allowed_networks = ['10.0.0.1/8']", "allowed_networks = .* has host bits set"),
        ("allowed_networks = '10.0.0.0/8'", "allowed_networks = '10.0.0.0/8': must be a list"),
        ("[logs]\ntrap_port = 70000", "logs.trap_port = 70000: must be a port from 1 to 65535, or 0 for none"),
        ("[logs]\ntrap_port = true", "logs.trap_port = True: must be a port"),
        ("[logs]\naddress = 'eth0'", "logs.address = 'eth0': 'eth0' does not appear to be an IPv4 or IPv6 address"),
        ("[metrics]\naddress = '0.0.0.0'", "metrics.address = '0.0.0.0': must be a loopback address"),
        ("[metrics]\naddress = '192.0.2.1'", "metrics.address = '192.0.2.1': must be a loopback address"),
        ("[metrics]\nport = 65536", "metrics.port = 65536: must be a port from 1 to 65535"),
        ("[metrics]\nport = true", "metrics.port = True: must be a port"),
        ("zzz = 1", "unknown key zzz = 1; known keys: data_dir"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(text)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text("this is not toml")
    with pytest.raises(ConfigError, match=r"agent.toml: not valid TOML: .*line 1"):
        load_config(path)


def test_a_missing_file_is_an_error_only_when_it_was_named(tmp_path: Path) -> None:
    assert find_config(None, tmp_path) == AgentConfig(data_dir=tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        find_config(tmp_path / "other.toml", tmp_path)


def test_the_named_data_folder_wins_over_the_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("data_dir = '/elsewhere'\nlog_level = 'debug'\n")
    config = find_config(None, tmp_path)
    assert (config.data_dir, config.log_level) == (tmp_path, "debug")
