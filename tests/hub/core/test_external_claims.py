"""What claims of others' tokens make of their holder: never more than the table gives, and nothing from nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.external_claims import WITHIN, ClaimFault, ClaimRules, principal_of
from noctule_hub.core.principal import Principal, Role

RULES = ClaimRules("portal", {"tech": Role.VIEWER, "subscriber": Role.CUSTOMER})
WORDS = st.sampled_from(["tech", "subscriber", "admin", "7", "x y", "ext:1", "", "portal"])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
JSON = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(WORDS, PLAIN, max_size=2)


def read(rules: ClaimRules = RULES, **claims: object) -> Principal | ClaimFault:
    return principal_of(rules, {"userId": 7, "role": "tech"} | claims, issued_ms=1, expires_ms=2)


def test_an_id_and_a_mapped_role_make_a_principal() -> None:
    assert read() == Principal("ext:portal:7", Role.VIEWER, "ext:portal:7", expires_ms=2, issued_ms=1)


@pytest.mark.parametrize("claim", [None, True, -1, 1.5, "", "a b", "7:8", "x" * 65, "é", "7\n", [], {}, 2**64])
def test_an_unusable_id_is_refused(claim: object) -> None:
    assert read(userId=claim) is ClaimFault.SUBJECT


@pytest.mark.parametrize("claim", [None, "", "admin", "TECH", "viewer", 5, True, {"tech": 1}, [], ["x"], ["tech"] * 65])
def test_a_role_that_is_not_in_the_table_is_refused(claim: object) -> None:
    assert read(role=claim) is ClaimFault.ROLE


def test_of_several_roles_the_strongest_counts() -> None:
    found = read(role=["subscriber", "unheard-of", "tech"], customerId=4)
    assert isinstance(found, Principal)
    assert (found.role, found.customer_id) == (Role.VIEWER, None)


@pytest.mark.parametrize("claim", [4, "4"])
def test_a_customer_is_named_by_its_claim(claim: object) -> None:
    found = read(role="subscriber", customerId=claim)
    assert isinstance(found, Principal)
    assert (found.role, found.customer_id) == (Role.CUSTOMER, 4)


@pytest.mark.parametrize("claim", [None, True, 0, -4, 4.0, "", "x", "²", "4 ", 2**63, "9" * 30, [4]])
def test_a_customer_without_a_usable_claim_is_refused(claim: object) -> None:
    assert read(role="subscriber", customerId=claim) is ClaimFault.CUSTOMER


def test_configured_issuer_and_audience_must_be_in_the_token() -> None:
    rules = ClaimRules("portal", RULES.roles, issuer="https://a.example", audience="noctule")
    good: dict[str, object] = {"iss": "https://a.example", "aud": ["x", "noctule"]}
    assert isinstance(read(rules, **good), Principal)
    assert isinstance(read(rules, **(good | {"aud": "noctule"})), Principal)
    assert read(rules, **(good | {"iss": "https://a.example/"})) is ClaimFault.ISSUER
    assert read(rules, aud="noctule") is ClaimFault.ISSUER
    for aud in (None, "noctules", ["x"], {"noctule": 1}, 5):
        assert read(rules, **(good | {"aud": aud})) is ClaimFault.AUDIENCE


def test_claims_inside_others_are_found_by_dots_and_names_with_dots_as_they_are() -> None:
    rules = ClaimRules("portal", RULES.roles, role_claim="realm_access.roles", name_claim="https://a.example/name")
    found = read(rules, realm_access={"roles": ["tech"]}, **{"https://a.example/name": " Ada\x1b[31m \u202e"})
    assert isinstance(found, Principal)
    assert (found.role, found.name) == (Role.VIEWER, "Ada[31m ")
    assert read(rules, realm_access=["roles"]) is ClaimFault.ROLE


def test_every_maximum_lets_in_itself_first() -> None:
    assert [roles[0] for roles in WITHIN.values()] == list(WITHIN)
    assert Role.AGENT not in WITHIN[Role.ADMIN]


@given(claims=st.dictionaries(st.sampled_from(["userId", "role", "customerId", "iss", "aud", "name"]), JSON))
def test_whatever_is_claimed_nobody_gets_more_than_the_table_gives(claims: dict[str, object]) -> None:
    found = principal_of(RULES, claims, issued_ms=1, expires_ms=2)
    if isinstance(found, Principal):
        assert found.role in {Role.VIEWER, Role.CUSTOMER}
        assert found.subject.startswith("ext:portal:")
        assert (found.customer_id is not None) == (found.role is Role.CUSTOMER)
        assert found.user_id is None
