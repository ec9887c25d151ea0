"""The client as its users get it (compiled, as a package) and example pages built on it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
WEB: Final = ROOT / "hub" / "web"
PATIENCE_S: Final = 120.0


def node(*command: str, cwd: Path, **environment: str) -> str:
    """Run a program of Node.js and return what it printed."""
    done = subprocess.run(
        ["node", *command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"node {' '.join(command)} exited {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def packages(folder: Path) -> Path:
    """Make `folder/node_modules`: the workspace's packages, and the client compiled as for a registry."""
    if shutil.which("node") is None or not (WEB / "node_modules" / "socket.io-client").is_dir():
        pytest.skip("needs node, and hub/web/node_modules as the build leaves it")
    modules = folder / "node_modules"
    modules.mkdir()
    for entry in (WEB / "node_modules").iterdir():
        if entry.name not in {"@noctule", ".bin"}:
            (modules / entry.name).symlink_to(entry)
    client = modules / "@noctule" / "client"
    client.mkdir(parents=True)
    shutil.copy(WEB / "client" / "package.json", client)
    tsc = str(WEB / "node_modules" / "typescript" / "bin" / "tsc")
    node(tsc, "-p", "tsconfig.build.json", "--outDir", str(client / "dist"), cwd=WEB / "client")
    return modules


def build_example(folder: Path, *, hub: str) -> Path:
    """Check and build examples/react-client against the packed client in `folder`; returns the folder to serve."""
    shutil.copytree(
        ROOT / "examples" / "react-client",
        folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("node_modules", "dist", ".env*"),
    )
    modules = packages(folder)
    (folder / ".env.local").write_text(f"NEXT_PUBLIC_API_URL={hub}\nNEXT_PUBLIC_WS_URL={hub}\n", encoding="utf-8")
    node(str(modules / "typescript" / "bin" / "tsc"), "--noEmit", cwd=folder)
    node(str(modules / "vite" / "bin" / "vite.js"), "build", cwd=folder)
    return folder / "dist"
