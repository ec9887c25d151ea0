"""Who acts: one type for HTTP requests and Socket.IO connections."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a principal may do. `anonymous` is the role of a connection without a token."""

    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"
    CUSTOMER = "customer"
    BILLING = "billing"
    METRICS = "metrics"
    AGENT = "agent"
    ANONYMOUS = "anonymous"


STAFF_ROLES = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, from a verified token.

    `subject` is unique: `user:7`, `token:3`, `agent:2`, `ext:NAME:7` or `anonymous`. `user_id` is set for our
    own users, `customer_id` for role customer. `expires_ms` (epoch) None: does not expire (anonymous). `issued_ms` is
    when the token was made, None: no token. `session_id` None: the token belongs to no browser session.
    """

    subject: str
    role: Role
    name: str
    user_id: int | None = None
    customer_id: int | None = None
    expires_ms: int | None = None
    issued_ms: int | None = None
    session_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the principal belongs to the NOC: admin, operator or viewer."""
        return self.role in STAFF_ROLES


ANONYMOUS = Principal(subject="anonymous", role=Role.ANONYMOUS, name="anonymous")
