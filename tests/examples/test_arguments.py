import pytest
from demo.arguments import Arguments, parse


def test_without_options_it_runs_until_stopped_on_port_5000() -> None:
    assert parse([]) == Arguments(seconds=None, json=False, port=5000)


def test_options_are_taken() -> None:
    assert parse(["--seconds", "30", "--json", "--port", "8080"]) == Arguments(seconds=30, json=True, port=8080)


@pytest.mark.parametrize(
    "argv", [["--seconds", "0"], ["--seconds", "soon"], ["--port", "70000"], ["--port", "-1"], ["fast"]]
)
def test_nonsense_is_a_usage_error_that_names_the_option(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(argv)
    assert ended.value.code == 2
    assert argv[0] in capsys.readouterr().err
