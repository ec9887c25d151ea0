"""An index.html of the pictures, by page and situation: to look at them beside one another."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Noctule: the screens</title>
<style>
body {{ font: 14px system-ui, sans-serif; margin: 16px; background: #777; color: #fff; }}
h2 {{ margin: 24px 0 8px; }}
figure {{ display: inline-block; margin: 0 12px 12px 0; vertical-align: top; }}
img {{ height: 320px; border: 1px solid #444; }}
body.grey img {{ filter: grayscale(1); }}
body.squint img {{ filter: blur(3px); }}
</style>
</head>
<body>
<p>Squint: does the fault win? In grey: can the state still be read? What could be removed?
<button onclick="document.body.classList.toggle('squint')">squint</button>
<button onclick="document.body.classList.toggle('grey')">grey</button></p>
{sections}
</body>
</html>
"""


@dataclass(frozen=True, slots=True, order=True)
class Picture:
    """One picture: of which page, in which situation, and how it was looked at."""

    screen: str
    situation: str
    look: str

    @property
    def file_name(self) -> str:
        return f"{self.screen}.{self.situation}.{self.look}.png"


def write_index(folder: Path, pictures: Iterable[Picture]) -> Path:
    """Write the index of pictures that are in `folder`; returns where it is."""
    sections = []
    for screen, shown in groupby(sorted(pictures), key=lambda picture: picture.screen):
        figures = "\n".join(map(_figure, shown))
        sections.append(f"<h2>{escape(screen)}</h2>\n{figures}")
    path = folder / "index.html"
    path.write_text(PAGE.format(sections="\n".join(sections)), encoding="utf-8")
    return path


def _figure(picture: Picture) -> str:
    name = escape(picture.file_name)
    words = escape(f"{picture.situation}, {picture.look}")
    image = f'<a href="{name}"><img src="{name}" alt="" loading="lazy"></a>'
    return f"<figure>{image}<figcaption>{words}</figcaption></figure>"
