"""A hub's API per test, with a dashboard of three files; keys are made once a session."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noctule_hub.auth.keys import Keys

# Test files are not a package (importlib mode): the harness is found from the repository's root.
ROOT = str(Path(__file__).parents[3])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from tests.hub.api.harness import Hub  # noqa: E402  found by the path above


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.create(tmp_path_factory.mktemp("hub") / "keys")


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>dashboard</title>")
    (folder / "ws-test.html").write_text("<!doctype html><title>socket test</title>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "app-1a2b.js").write_text("export {};")
    return folder


@pytest.fixture
async def hub(tmp_path: Path, keys: Keys, static_dir: Path) -> AsyncIterator[Hub]:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    hub = await Hub(data_dir).start(keys, static_dir=static_dir)
    yield hub
    await hub.stop()
