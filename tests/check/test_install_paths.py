"""Every way to install Noctule, from a copy of what git keeps, with the package indexes of this machine."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = [pytest.mark.check, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
NOT_TRACKED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "static", "__pycache__", "*_cache", ".hypothesis", "*.tsbuildinfo"
)
# What tells pip, npm and TLS where packages come from; nothing else of the environment reaches an install.
PASSED_ON = (
    "HOME",
    "PIP_",
    "UV_",
    "npm_config_",
    "NPM_CONFIG_",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_",
    "REQUESTS_CA_BUNDLE",
    "LANG",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)


def index_environment() -> dict[str, str]:
    """Give the part of the environment that package managers need."""
    return {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run an install step; when it fails, the test fails with what it said."""
    search = os.environ.get("PATH", os.defpath) if path is None else path
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**index_environment(), "PATH": search, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
    return done


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what git would give someone who clones; the path has a space, as paths of real people do."""
    target = tmp_path / "a copy"
    if shutil.which("git") and (ROOT / ".git").exists():
        listing = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        for name in names:
            if name and (ROOT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target / name)
    else:
        shutil.copytree(ROOT, target, ignore=NOT_TRACKED)
    return target


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Make a virtual environment outside the copy. Gives its `bin`."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "fresh")], check=True)
    return tmp_path / "fresh" / "bin"


NOBODY_ID = 65534
NOBODY = ("setpriv", "--reuid", str(NOBODY_ID), "--regid", str(NOBODY_ID), "--clear-groups")
STATIC = "noctule_hub/web/static/"
HUB_ALONE = {"apprise", "argon2-cffi", "numpy", "rich", "sqlite-utils", "noctule-hub"}
SECOND_RUN_S_MAX = 3.0


def installed(python: Path, cwd: Path) -> set[str]:
    """Name what pip sees in that environment."""
    listed = json.loads(run(python, "-m", "pip", "list", "--format", "json", cwd=cwd).stdout)
    return {item["name"].lower().replace("_", "-") for item in listed}


def assert_dashboard_is_installed(python: Path, cwd: Path) -> None:
    """The page and at least one script beside it, found as the hub finds them."""
    code = "import noctule_hub.web as w, pathlib; print(pathlib.Path(w.__file__).parent / 'static')"
    static = Path(run(python, "-c", code, cwd=cwd).stdout.strip())
    assert (static / "index.html").is_file()
    assert list(static.glob("assets/*.js"))


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """Give a PATH with Python, make and a few programs of every Unix; no npm, no git, no compiler."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("make", "sh", "env", "cat", "cp", "ls", "mkdir", "rm", "uname"):
        found = shutil.which(name)
        assert found is not None, f"needs {name}"
        (folder / name).symlink_to(found)
    # Not a link: a virtual environment of a virtual environment would lead back to this one.
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n', encoding="utf-8")
    (folder / "python3").chmod(0o755)
    return str(folder)


def test_bare_machine_needs_only_python_and_make_and_is_quick_again(copy: Path, bare_path: str) -> None:
    run("make", "setup", cwd=copy, path=bare_path)
    assert_dashboard_is_installed(copy / ".venv/bin/python", copy)
    run(copy / ".venv/bin/noctule", "--help", cwd=copy)
    run(copy / ".venv/bin/noctule-agent", "--help", cwd=copy)
    run(copy / ".venv/bin/python", "-m", "pip", "check", cwd=copy)
    began = time.monotonic()
    again = run("make", "setup", cwd=copy, path=bare_path)
    assert time.monotonic() - began < SECOND_RUN_S_MAX
    assert again.stdout + again.stderr == ""
    # The same Node.js that built the dashboard type-checks it.
    run(copy / ".venv/bin/python", "hub/hatch_build.py", "npm", "run", "lint", cwd=copy, path=bare_path)


@pytest.fixture
def everyones_python() -> Path:
    """Find a Python >= 3.11 that every user of this machine may run and make environments with."""
    candidates = [
        Path(sys.base_prefix) / "bin/python3",
        *(Path(f"/usr/bin/python3.{minor}") for minor in (14, 13, 12, 11)),
    ]
    for python in candidates:
        # By way of env: setpriv itself still has root's rights when it looks the program up.
        asks = [*NOBODY, "env", str(python), "-c", "import ensurepip, venv"]
        if python.exists() and subprocess.run(asks, capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip(f"needs a Python that nobody may run, looked for {', '.join(map(str, candidates))}")


@pytest.mark.skipif(not shutil.which("setpriv") or os.geteuid() != 0, reason="becoming nobody needs root and setpriv")
def test_a_user_without_privileges_sets_up_and_runs_the_demo(copy: Path, everyones_python: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="nobody's ") as name:
        home, temporary, checkout = (Path(name) / part for part in ("home", "tmp", "check out"))
        shutil.copytree(copy, checkout)
        for folder in (home, temporary):
            folder.mkdir()
        for path in (Path(name), *Path(name).rglob("*")):
            os.chown(path, NOBODY_ID, NOBODY_ID, follow_symlinks=False)
        arguments = "ARGS=--seconds 30 --json --port 5089"
        done = run(
            *NOBODY,
            "make",
            "demo",
            f"PYTHON={everyones_python}",
            arguments,
            cwd=checkout,
            env={"HOME": str(home), "TMPDIR": str(temporary)},
        )
        summary = json.loads(done.stdout.splitlines()[-1])
        assert summary["missing"] == []
        assert summary["devices"] == 12
        assert list(temporary.iterdir()) == []


def test_pip_installs_all_three_with_the_machines_npm(copy: Path, fresh: Path, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip(
            "needs npm; without it test_bare_machine_needs_only_python_and_make_and_is_quick_again says as much"
        )
    run(fresh / "pip", "install", "./shared", "./agent", "./hub", cwd=copy)
    shutil.rmtree(copy)  # nothing of the checkout is needed afterwards
    run(fresh / "noctule", "--help", cwd=tmp_path)
    run(fresh / "noctule-agent", "--help", cwd=tmp_path)
    assert_dashboard_is_installed(fresh / "python", tmp_path)


def test_agent_installs_alone_without_the_hubs_dependencies(copy: Path, fresh: Path, tmp_path: Path) -> None:
    run(fresh / "pip", "install", "./shared", "./agent", cwd=copy)
    run(fresh / "noctule-agent", "--help", cwd=tmp_path)
    assert not installed(fresh / "python", tmp_path) & HUB_ALONE
    assert not (copy / "hub/web/node_modules").exists()


def test_uv_sync_gives_the_workspace_and_its_tools(copy: Path, fresh: Path) -> None:
    run(fresh / "pip", "install", "uv", cwd=copy)
    run(fresh / "uv", "sync", "--python", sys.executable, cwd=copy, env=uv_indexes(fresh, copy))
    for program in ("noctule", "noctule-agent", "pytest", "ruff"):
        assert (copy / ".venv/bin" / program).is_file()
    run(copy / ".venv/bin/noctule", "--help", cwd=copy)
    assert_dashboard_is_installed(copy / ".venv/bin/python", copy)


def uv_indexes(fresh: Path, cwd: Path) -> dict[str, str]:
    """Translate what pip is configured with for uv, which does not read it."""
    lines = run(fresh / "pip", "config", "list", cwd=cwd).stdout.splitlines()
    settings = {name.rpartition(".")[2]: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    translated = {}
    if "index-url" in settings:
        translated["UV_DEFAULT_INDEX"] = settings["index-url"]
    if "cert" in settings:
        translated["SSL_CERT_FILE"] = settings["cert"]
    return translated


def test_wheels_and_sdist_carry_the_dashboard_and_the_licence(copy: Path, fresh: Path, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    for member in ("shared", "agent", "hub"):
        run(fresh / "pip", "wheel", "--no-deps", "--wheel-dir", out, f"./{member}", cwd=copy)
    run(fresh / "pip", "install", "hatchling", cwd=copy)
    run(fresh / "python", "-m", "hatchling", "build", "-t", "sdist", "-d", out, cwd=copy / "hub")
    for wheel in out.glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
        assert not [name for name in names if "node_modules" in name or name.startswith(("web/", "tests/"))]
    (hub,) = out.glob("noctule_hub-*.whl")
    assert STATIC + "index.html" in zipfile.ZipFile(hub).namelist()
    (sdist,) = out.glob("noctule_hub-*.tar.gz")
    with tarfile.open(sdist) as archive:
        kept = {name.partition("/")[2] for name in archive.getnames()}
    assert {STATIC + "index.html", "web/package.json", "hatch_build.py", "LICENSE"} <= kept
    assert not [name for name in kept if "node_modules" in name]
    # The digest in the sdist ties the built files to the sources: building from it needs no Node.js of any kind.
    no_node = {"NOCTULE_NPM": "wheel", "PIP_NO_INDEX": "1"}
    again = tmp_path / "again"
    run(fresh / "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", again, sdist, cwd=tmp_path, env=no_node)
    assert STATIC + "index.html" in zipfile.ZipFile(next(again.glob("*.whl"))).namelist()
