"""Payments over HTTP: updates from the billing system, once each by their idempotency key, and what they add up to."""

import hashlib
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid

from noctule_hub.answers.customers import PaymentAnswer, PaymentDetails, PaymentPage
from noctule_hub.api.bodies import (
    DEFAULT_LIMIT,
    Id,
    Limit,
    Time,
    json_response,
    not_found,
    read_body,
    read_query,
)
from noctule_hub.api.context import context_of, principal_of
from noctule_hub.api.customer_input import AMOUNT, CURRENCY, PAYMENT_ID, STATUS, check_key, check_occurred
from noctule_hub.api.customer_views import history_view, payment_view
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.payments import Payment, PaymentUpdate

PaymentId = Annotated[str, msgspec.Meta(pattern=PAYMENT_ID, max_length=64)]


class OwnPaymentQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of a list of payments: `limit` items after `cursor`, which is a `nextCursor` of an earlier answer."""

    limit: Limit = DEFAULT_LIMIT
    cursor: PaymentId | None = None


class PaymentQuery(OwnPaymentQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/payments`: all, or one customer's."""

    customer_id: Id | None = None


class PaymentUpdateInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/payments/{paymentId}/updates`.

    `amount` is an exact decimal number as text, `currency` its ISO 4217 code; both or none.
    """

    customer_id: Id
    status: Annotated[str, msgspec.Meta(pattern=STATUS)]
    occurred_at: Time
    amount: Annotated[str, msgspec.Meta(pattern=AMOUNT)] | None = None
    currency: Annotated[str, msgspec.Meta(pattern=CURRENCY)] | None = None


async def update_payment(request: web.Request) -> web.Response:
    """`POST /api/v1/payments/{paymentId}/updates`: what the payment is afterwards.

    The same Idempotency-Key with the same update gets the same answer and changes nothing, for seven days. An update
    that occurred before what is stored is history only.
    """
    context = context_of(request)
    payment_id = _payment_id(request)
    key = check_key(request.headers.get("Idempotency-Key"))
    body = await read_body(request, PaymentUpdateInput)
    if (body.amount is None) != (body.currency is None):
        raise invalid("amount" if body.amount is None else "currency", "amount and currency go together")
    now_ms = context.clock_ms()
    update = PaymentUpdate(
        payment_id=payment_id,
        customer_id=body.customer_id,
        status=body.status,
        amount=body.amount,
        currency=body.currency,
        occurred_ms=check_occurred(body.occurred_at, now_ms=now_ms),
    )
    applied = await context.store.update_payment(
        update,
        key=key,
        request_hash=hashlib.sha256(msgspec.json.encode(update)).hexdigest(),
        subject=principal_of(request).subject,
        now_ms=now_ms,
    )
    if not applied.repeated:
        context.payments_today.note(update.status, now_ms)
    return json_response(PaymentAnswer(payment=payment_view(applied.payment), late=applied.late))


async def list_payments(request: web.Request) -> web.Response:
    """`GET /api/v1/payments`: by id."""
    query = read_query(request, PaymentQuery)
    found = await context_of(request).store.payments(
        customer_id=query.customer_id, after=query.cursor, limit=query.limit + 1
    )
    return payment_page(found, query.limit)


async def show_payment(request: web.Request) -> web.Response:
    """`GET /api/v1/payments/{paymentId}`: the payment and its updates."""
    store = context_of(request).store
    payment = await store.payment(_payment_id(request))
    history = await store.payment_history(payment.payment_id)
    return json_response(PaymentDetails(payment=payment_view(payment), updates=[history_view(row) for row in history]))


def payment_page(found: list[Payment], limit: int) -> web.Response:
    """Return a page of up to `limit` payments of `found`, which holds one more when there are further ones."""
    chosen = found[:limit]
    next_cursor = chosen[-1].payment_id if len(found) > limit else None
    return json_response(PaymentPage([payment_view(payment) for payment in chosen], next_cursor))


def _payment_id(request: web.Request) -> str:
    text = request.match_info["paymentId"]
    try:
        return msgspec.convert(text, PaymentId)
    except msgspec.ValidationError:
        raise not_found(f"{text[:64]!r} is no payment's id") from None


_PATH: Final = {"paymentId": PaymentId}
ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/payments/{paymentId}/updates",
        Action.WRITE_PAYMENTS,
        update_payment,
        Contract(
            body=PaymentUpdateInput,
            answer=PaymentAnswer,
            path=_PATH,
            headers={"Idempotency-Key": "Names this update: repeated with it, it is answered and not done again."},
        ),
    ),
    Endpoint(
        "GET",
        "/api/v1/payments",
        Action.READ_PAYMENTS,
        list_payments,
        Contract(query=PaymentQuery, answer=PaymentPage),
    ),
    Endpoint(
        "GET",
        "/api/v1/payments/{paymentId}",
        Action.READ_PAYMENTS,
        show_payment,
        Contract(answer=PaymentDetails, path=_PATH),
    ),
)
