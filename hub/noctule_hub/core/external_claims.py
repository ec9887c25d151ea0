"""Claims of others' tokens as a principal of ours, by the rules of one issuer. Signatures and times are `auth`'s."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_hub.core.principal import Principal, Role

MAX_ROLES_IN_TOKEN: Final = 64
MAX_CUSTOMER_ID: Final = 2**63 - 1
# Ids are written into logs and the audit log; these letters are inert there.
_ID: Final = re.compile(r"[A-Za-z0-9._@|+-]{1,64}", re.ASCII)
MAX_NAME_CHARS: Final = 64

# What a `max_role` lets in: itself and what it could do anyway. Strongest first.
WITHIN: Final[Mapping[Role, tuple[Role, ...]]] = {
    Role.ADMIN: (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.METRICS, Role.CUSTOMER),
    Role.OPERATOR: (Role.OPERATOR, Role.VIEWER, Role.METRICS, Role.CUSTOMER),
    Role.VIEWER: (Role.VIEWER, Role.METRICS, Role.CUSTOMER),
    Role.BILLING: (Role.BILLING, Role.CUSTOMER),
    Role.METRICS: (Role.METRICS,),
    Role.CUSTOMER: (Role.CUSTOMER,),
}


class ClaimFault(StrEnum):
    """Why a token with a right signature is not taken; for the log of the hub, not for who sent it."""

    SUBJECT = "it has no usable subject claim"
    ISSUER = "its iss is not the configured issuer"
    AUDIENCE = "its aud is not the configured audience"
    ROLE = "it has no role that the roles table maps"
    CUSTOMER = "its role is customer and it has no usable customer claim"


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """How one issuer's claims are read. `issuer`, `audience`, `name_claim` None: not looked at.

    A claim inside another is named with dots: `realm_access.roles`. `roles` maps their words to our roles, of which
    none exceeds `max_role`.
    """

    name: str
    roles: Mapping[str, Role]
    max_role: Role = Role.VIEWER
    subject_claim: str = "userId"
    role_claim: str = "role"
    customer_claim: str = "customerId"
    name_claim: str | None = None
    issuer: str | None = None
    audience: str | None = None


def principal_of(
    rules: ClaimRules, claims: Mapping[str, object], *, issued_ms: int, expires_ms: int
) -> Principal | ClaimFault:
    """Return who the claims speak for, or why they speak for nobody."""
    if rules.issuer is not None and claims.get("iss") != rules.issuer:
        return ClaimFault.ISSUER
    if rules.audience is not None and not _names(claims.get("aud"), rules.audience):
        return ClaimFault.AUDIENCE
    own_id = _id(_at(claims, rules.subject_claim))
    if own_id is None:
        return ClaimFault.SUBJECT
    role = _role(rules, _at(claims, rules.role_claim))
    if role is None:
        return ClaimFault.ROLE
    customer_id = None
    if role is Role.CUSTOMER:
        customer_id = _customer(_at(claims, rules.customer_claim))
        if customer_id is None:
            return ClaimFault.CUSTOMER
    subject = f"ext:{rules.name}:{own_id}"
    return Principal(
        subject=subject,
        role=role,
        name=_name(_at(claims, rules.name_claim) if rules.name_claim else None) or subject,
        customer_id=customer_id,
        issued_ms=issued_ms,
        expires_ms=expires_ms,
    )


def _at(claims: Mapping[str, object], path: str) -> object:
    # A claim whose own name has dots, as `https://example.net/role`, is found first.
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _names(claim: object, wanted: str) -> bool:
    return claim == wanted or (isinstance(claim, list) and wanted in claim)


def _id(claim: object) -> str | None:
    if isinstance(claim, bool):
        return None
    text = str(claim) if isinstance(claim, int) and 0 <= claim <= MAX_CUSTOMER_ID else claim
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def _role(rules: ClaimRules, claim: object) -> Role | None:
    """Return the strongest role that the table gives to the claim, one word or a list of them."""
    words = claim if isinstance(claim, list) else [claim]
    if len(words) > MAX_ROLES_IN_TOKEN:
        return None
    given = {rules.roles.get(word) for word in words if isinstance(word, str)}
    return next((role for role in WITHIN[rules.max_role] if role in given), None)


def _customer(claim: object) -> int | None:
    if isinstance(claim, str) and claim.isascii() and claim.isdecimal() and len(claim) <= 18:  # noqa: PLR2004  64 bits
        claim = int(claim)
    good = isinstance(claim, int) and not isinstance(claim, bool) and 1 <= claim <= MAX_CUSTOMER_ID
    return claim if good and isinstance(claim, int) else None


def _name(claim: object) -> str | None:
    if not isinstance(claim, str):
        return None
    name = "".join(letter for letter in claim.strip() if letter.isprintable())
    return name[:MAX_NAME_CHARS] or None
