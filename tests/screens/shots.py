"""Pictures of every page in every situation: who looks, how, and what has happened to the network before."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal, Self

from playwright.sync_api import Browser, Route
from playwright.sync_api import Error as BrowserError

from tests.bench.fleet import crowded_hub
from tests.screens.browser import ASKED, DESKTOP, Visitor, is_of_a_page
from tests.screens.gallery import Picture
from tests.screens.pages import ONE_DOWN, PUBLIC, ROLES, SCREENS, STRANGER, Screen
from tests.screens.people import People
from tests.screens.stage import SITE_DOWN, DemoNetwork, Hub


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    name: str
    size: tuple[int, int]
    scheme: Literal["dark", "light"]
    media: Literal["screen", "print"] = "screen"


DARK: Final = Look("dark", DESKTOP, "dark")
PHONE: Final = Look("phone", (390, 844), "dark")
DESK: Final = (DARK, Look("light", DESKTOP, "light"), Look("tablet", (820, 1180), "light"))
WALLS: Final = (Look("wide", (1920, 1080), "dark"), Look("4k", (3840, 2160), "dark"))
# A4 at 96 dots per inch.
PAPER: Final = Look("print", (794, 1123), "dark", "print")
# On a hub where nothing is, there is nothing to open: that too is looked at.
NUMBERS_OF_NOTHING: Final = dict.fromkeys(
    ("device", "agent", "customer", "rule", "silence", "window", "channel", "policy", "user", "service", "interface"), 1
)
WATCHED: Final = tuple(screen for screen in SCREENS if screen.watches)


class Audience:
    """People at desks, and the same ones with phones: a page that was opened on a desk is another on a phone."""

    def __init__(self, browser: Browser, url: str, passwords: dict[str, str], locale: str | None = None) -> None:
        self.url = url
        self._desks = People(browser, url, passwords, locale=locale)
        self._phones = People(browser, url, passwords, size=PHONE.size, locale=locale)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for people in self._groups:
            people.__exit__()

    @property
    def _groups(self) -> tuple[People, People]:
        return self._desks, self._phones

    def visitors(self, role: str, screen: Screen, *, phone: bool = True) -> Iterator[tuple[Visitor, tuple[Look, ...]]]:
        """Return who of a role looks at a page, and how. A wall has no phones."""
        yield self._desks[role], (*DESK, *WALLS) if screen.wide else DESK
        if phone and not screen.wide:
            yield self._phones[role], (PHONE,)


@dataclass
class Photographer:
    """Takes what was asked for: names of situations and of screens, none means all."""

    browser: Browser
    folder: Path
    situations: frozenset[str]
    screens: frozenset[str]
    say: Callable[[str], None]
    taken: list[Picture] = field(default_factory=list)

    def take_all(self) -> None:
        """Go through the situations."""
        network = {
            "healthy": self._healthy,
            "indonesian": self._indonesian,
            "loading": self._loading,
            "failing": self._failing,
            "fault": self._fault,
            "site-down": self._site_down,
            "stopped": self._stopped,
        }
        if any(map(self._wanted, network)):
            with DemoNetwork() as stage, Audience(self.browser, stage.url, stage.furnished.passwords) as audience:
                for name, situation in network.items():
                    if self._wanted(name):
                        self.say(name)
                        situation(stage, audience)
        if self._wanted("empty"):
            self.say("empty")
            with Hub() as hub, Audience(self.browser, hub.url, {"admin": hub.password}) as audience:
                self._shoot(audience, "empty", _of("admin"), NUMBERS_OF_NOTHING)
        if "many" in self.situations:
            self.say("many")
            mine = [screen for screen in WATCHED if screen.visitor == "admin"]
            with (
                crowded_hub() as crowd,
                Audience(self.browser, f"http://127.0.0.1:{crowd.port}", {"admin": crowd.password}) as audience,
            ):
                self._shoot(audience, "many", mine, NUMBERS_OF_NOTHING)

    def _wanted(self, situation: str) -> bool:
        return not self.situations or situation in self.situations

    def _healthy(self, stage: DemoNetwork, audience: Audience) -> None:
        ids = stage.furnished.ids
        self._shoot(audience, "healthy", (*SCREENS, *PUBLIC), ids)
        for screen in self._chosen(WATCHED):
            visitor, _ = next(audience.visitors(screen.visitor, screen))
            visitor.go(screen.path.format(**ids))
            self._looks(visitor, screen, "healthy", (PAPER,))
        for role in ROLES[1:]:
            for screen in self._chosen(_of(role)):
                if screen.visitor != role:
                    visitor, _ = next(audience.visitors(role, screen))
                    visitor.go(screen.path.format(**ids))
                    self._looks(visitor, screen, f"healthy-{role}", (DARK,))

    def _indonesian(self, stage: DemoNetwork, _audience: Audience) -> None:
        """See whether longer words have room, and none is left in English."""
        with Audience(self.browser, stage.url, stage.furnished.passwords, "id-ID") as audience:
            self._shoot(audience, "indonesian", (*SCREENS, *PUBLIC), stage.furnished.ids, DARK, PHONE)

    def _loading(self, stage: DemoNetwork, audience: Audience) -> None:
        """See what stands there while the hub takes its time."""
        held: list[Route] = []
        self._unanswered(stage, audience, "loading", ".skeleton", held.append)
        for route in held:
            with suppress(BrowserError):  # the page that asked may be gone
                route.abort()

    def _failing(self, stage: DemoNetwork, audience: Audience) -> None:
        problem = json.dumps({"message": "the database is read-only", "code": "internal"})
        refuse = partial(Route.fulfill, status=500, body=problem)
        self._unanswered(stage, audience, "failing", "[data-testid=retry]", refuse)

    def _fault(self, stage: DemoNetwork, audience: Audience) -> None:
        stage.silence(*ONE_DOWN)
        stage.await_alert(ONE_DOWN[0])
        self._as_watched(stage, audience, "fault")

    def _site_down(self, stage: DemoNetwork, audience: Audience) -> None:
        stage.silence(*SITE_DOWN)
        stage.await_alert(SITE_DOWN[0])
        self._as_watched(stage, audience, "site-down")

    def _as_watched(self, stage: DemoNetwork, audience: Audience, situation: str) -> None:
        status = [screen for screen in PUBLIC if screen.watches]
        self._shoot(audience, situation, (*WATCHED, *status), stage.furnished.ids)

    def _stopped(self, stage: DemoNetwork, audience: Audience) -> None:
        """Open what shows the network, stop the hub, and see what each page says of it."""
        opened = []
        for screen in self._chosen(WATCHED):
            for visitor, looks in audience.visitors(screen.visitor, screen):
                tab = Visitor(visitor.context, visitor.context.new_page(), stage.url)
                tab.open(screen.path.format(**stage.furnished.ids))
                opened.append((screen, tab, looks))
        stage.stop_hub()
        for screen, tab, looks in opened:
            tab.page.bring_to_front()
            tab.page.wait_for_selector('[data-testid="link-bar"]')
            self._looks(tab, screen, "stopped", looks, settle=False)

    def _unanswered(
        self, stage: DemoNetwork, audience: Audience, situation: str, shows: str, answer: Callable[[Route], None]
    ) -> None:
        """Take pictures while requests of pages are answered so, or not at all; `shows` is what a page then has."""

        def pass_on(route: Route) -> None:
            if is_of_a_page(route.request.url):
                answer(route)
            else:
                route.continue_()

        for screen in self._chosen([screen for screen in SCREENS if screen.page is not None]):
            for visitor, looks in audience.visitors(screen.visitor, screen):
                visitor.page.route(ASKED, pass_on)
                visitor.page.goto(f"{stage.url}{screen.path.format(**stage.furnished.ids)}")
                # On a phone a panel stands over the list that shows it.
                visitor.page.wait_for_selector(f"#content {shows}:visible, #content .panel:visible")
                self._looks(visitor, screen, situation, _only(looks, DARK, PHONE), settle=False)
                visitor.page.unroute(ASKED, pass_on)

    def _chosen(self, screens: Sequence[Screen]) -> list[Screen]:
        return [screen for screen in screens if not self.screens or screen.name in self.screens]

    def _shoot(
        self, audience: Audience, situation: str, screens: Sequence[Screen], ids: dict[str, int], *wanted: Look
    ) -> None:
        """Take each screen in all its looks, or in those `wanted`."""
        for screen in self._chosen(screens):
            for visitor, looks in audience.visitors(screen.visitor, screen):
                path = screen.path.format(**ids)
                if screen.visitor == STRANGER:
                    visitor.open(path)
                else:
                    visitor.go(path)
                self._looks(visitor, screen, situation, _only(looks, *wanted) if wanted else looks)

    def _looks(
        self, visitor: Visitor, screen: Screen, situation: str, looks: Sequence[Look], *, settle: bool = True
    ) -> None:
        for look in looks:
            width, height = look.size
            visitor.page.set_viewport_size({"width": width, "height": height})
            visitor.page.emulate_media(color_scheme=look.scheme, media=look.media)
            if settle:
                visitor.settle()
            picture = Picture(screen.name, situation, look.name)
            visitor.page.screenshot(path=self.folder / picture.file_name, animations="disabled")
            self.taken.append(picture)


def _only(looks: Sequence[Look], *wanted: Look) -> list[Look]:
    return [look for look in looks if look in wanted]


def _of(role: str) -> list[Screen]:
    return [screen for screen in SCREENS if role in screen.roles]
