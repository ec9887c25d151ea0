"""Sites as HTTP answers show them."""

import msgspec


class SiteView(msgspec.Struct, frozen=True, rename="camel"):
    """A site."""

    id: int
    name: str
    revision: int
