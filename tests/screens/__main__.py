"""Take pictures of all pages in all situations: `make screenshots`. They are to be looked at, not compared."""

import argparse
import sys
from pathlib import Path

if not __package__:  # started by its path: find `tests.screens` from the root
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.screens.browser import NoBrowserError, chromium
from tests.screens.gallery import write_index
from tests.screens.pages import PUBLIC, SCREENS
from tests.screens.shots import Photographer

SITUATIONS = ("healthy", "indonesian", "loading", "failing", "fault", "site-down", "stopped", "empty", "many")


def main() -> int:
    """Take what was asked for."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    names = [screen.name for screen in (*SCREENS, *PUBLIC)]
    parser.add_argument(
        "--situation",
        action="append",
        default=[],
        choices=SITUATIONS,
        help="only this one [several]; many, of 5,000 devices, takes minutes and is taken when asked for",
    )
    parser.add_argument("--page", action="append", default=[], choices=names, help="only this one [several]")
    parser.add_argument("--folder", type=Path, default=Path("build/screenshots"), help="default: %(default)s")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if not arguments.situation and not arguments.page:
        for old in arguments.folder.glob("*.png"):
            old.unlink()
    try:
        with chromium() as browser:
            asked = frozenset(arguments.situation), frozenset(arguments.page)
            photographer = Photographer(browser, arguments.folder, *asked, say=_say)
            photographer.take_all()
    except NoBrowserError as error:
        sys.stderr.write(f"screenshots: {error}\n")
        return 1
    _say(f"{len(photographer.taken)} pictures: {write_index(arguments.folder, photographer.taken)}")
    return 0


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
