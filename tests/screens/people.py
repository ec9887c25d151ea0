"""One visitor of each role at a hub, signed in when first asked for: signing in is slow, for the hub and on purpose."""

from collections.abc import Mapping
from functools import partial
from typing import Self

from playwright.sync_api import Browser

from tests.screens.browser import DESKTOP, Visitor
from tests.screens.pages import STRANGER


class People(dict[str, Visitor]):
    """Visitors by role; `STRANGER` is not signed in. `passwords`: by user, who is called as the role is."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        passwords: Mapping[str, str],
        *,
        bypass_csp: bool = False,
        size: tuple[int, int] = DESKTOP,
        locale: str | None = None,
    ) -> None:
        super().__init__()
        self._come = partial(Visitor.come, browser, url, bypass_csp=bypass_csp, size=size, locale=locale)
        self._passwords = passwords

    def __missing__(self, role: str) -> Visitor:
        visitor = self[role] = self._come()
        if role != STRANGER:
            visitor.sign_in(role, self._passwords[role])
        complaints = visitor.take_complaints()
        if complaints:
            raise AssertionError(f"{role}: {complaints}")
        return visitor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for visitor in self.values():
            visitor.context.close()
