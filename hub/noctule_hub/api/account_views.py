"""People, programs and sessions as HTTP answers show them. Secrets have no field here."""

from noctule_shared.times import iso_from_ms

from noctule_hub.answers.accounts import MeView, RefusalView, SessionView, TokenView, UserView
from noctule_hub.api.views import iso_or_none
from noctule_hub.core.accounts import ApiToken, Refusal, Session, Use, User
from noctule_hub.core.principal import Principal


def me_view(principal: Principal) -> MeView:
    """Return who the caller is."""
    return MeView(principal.subject, principal.name, principal.role, principal.user_id, principal.customer_id)


def user_view(user: User) -> UserView:
    """Return a user without the password's hash."""
    return UserView(
        id=user.id,
        username=user.username,
        role=user.role,
        customer_id=user.customer_id,
        disabled=user.disabled,
        created_at=iso_from_ms(user.created_ms),
        revision=user.revision,
    )


def session_view(session: Session, caller: Principal) -> SessionView:
    """Return a session as `caller` sees it."""
    return SessionView(
        id=session.id,
        user_id=session.user_id,
        created_at=iso_from_ms(session.created_ms),
        seen_at=iso_from_ms(session.seen_ms),
        expires_at=iso_from_ms(session.expires_ms),
        address=session.address,
        client=session.client,
        current=session.id == caller.session_id,
    )


def token_view(token: ApiToken, newest: Use | None) -> TokenView:
    """Return a token's description; `newest` is a use of it that is not written yet."""
    used = newest or token.used
    return TokenView(
        id=token.id,
        name=token.name,
        role=token.role,
        created_at=iso_from_ms(token.created_ms),
        issued_at=iso_from_ms(token.issued_ms),
        expires_at=iso_from_ms(token.expires_ms),
        former_until=iso_or_none(token.former_until_ms),
        revoked_at=iso_or_none(token.revoked_ms),
        used_at=None if used is None else iso_from_ms(used.at_ms),
        used_from=None if used is None else used.address,
    )


def refusal_view(refusal: Refusal) -> RefusalView:
    """Return a refusal."""
    return RefusalView(
        id=refusal.id,
        subject=refusal.subject,
        before=iso_or_none(refusal.before_ms),
        reason=refusal.reason,
        created_at=iso_from_ms(refusal.created_ms),
    )
