"""`noctule payment`: tell the hub of payments from a script, and read them."""

import hashlib
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import click
import msgspec
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.customers import PaymentAnswer, PaymentDetails, PaymentView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.customers import find_customer
from noctule_hub.cli.names import names_of_customers
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time

COLUMNS: Final = ("payment", "customer", "status", "#amount", "currency", "occurred")


@click.group("payment")
def payment_group() -> None:
    """Payments of customers, as the billing system tells them."""


@payment_group.command("publish")
@click.argument("payment_id")
@click.option("--customer", required=True, help="Customer by id, name or reference.")
@click.option("--status", required=True, help="A word of the billing system, such as issued, paid or failed.")
@click.option("--amount", help="Exact decimal number, such as 12.50; with --currency.")
@click.option("--currency", help="ISO 4217 code, such as EUR; with --amount.")
@click.option("--occurred-at", help="When, as ISO 8601 with a zone.  [default: now]")
@click.option(
    "--key",
    help="Idempotency key.  [default: made of all the rest: repeated with the same --occurred-at it is one update]",
)
@json_option
def payment_publish(payment_id: str, *, customer: str, key: str | None, as_json: bool, **told: str | None) -> None:
    """Tell the hub of an update of the payment PAYMENT_ID."""
    now = iso_from_ms(time.time_ns() // 1_000_000)

    async def publish(client: HubClient) -> PaymentAnswer:
        body: dict[str, Any] = {
            "customerId": (await find_customer(client, customer)).id,
            "status": told["status"],
            "occurredAt": told["occurred_at"] or now,
        }
        body |= {name: value for name in ("amount", "currency") if (value := told[name]) is not None}
        made = hashlib.sha256(msgspec.json.encode([payment_id, body])).hexdigest()
        headers = {"Idempotency-Key": key or made}
        return decode(
            await client.send("POST", f"payments/{_in_path(payment_id)}/updates", body, headers=headers), PaymentAnswer
        )

    answer = call(publish)
    if as_json:
        print_json(answer)
    elif answer.late:
        say(f"Payment {answer.payment.payment_id} stays {answer.payment.status}: the update is older, it is history.")
    else:
        say(f"Payment {answer.payment.payment_id} is {answer.payment.status}.")


@payment_group.command("list")
@click.option("--customer", help="Only of this customer, by id, name or reference.")
@json_option
def payment_list(customer: str | None, *, as_json: bool) -> None:
    """List payments as they are now."""

    async def read(client: HubClient) -> tuple[list[PaymentView], dict[int, str]]:
        if customer is not None:
            found = await find_customer(client, customer)
            return await client.items("payments", PaymentView, customerId=str(found.id)), {found.id: found.name}
        payments = await client.items("payments", PaymentView)
        return payments, {} if as_json or not payments else await names_of_customers(client)

    payments, names = call(read)
    if as_json:
        print_json({"items": payments})
    else:
        print_table("Payments", COLUMNS, [_row(payment, names) for payment in payments])


@payment_group.command("show")
@click.argument("payment_id")
@json_option
def payment_show(payment_id: str, *, as_json: bool) -> None:
    """Show the payment PAYMENT_ID and every update of it."""

    async def read(client: HubClient) -> tuple[PaymentDetails, dict[int, str]]:
        found = decode(await client.get(f"payments/{_in_path(payment_id)}"), PaymentDetails)
        return found, {} if as_json else await names_of_customers(client)

    shown, names = call(read)
    if as_json:
        print_json(shown)
        return
    print_table("Payment", COLUMNS, [_row(shown.payment, names)])
    rows = [
        (
            short_time(update.occurred_at),
            update.status,
            update.amount or "-",
            update.currency or "-",
            "late" if update.late else "",
            update.subject,
        )
        for update in shown.updates
    ]
    print_table("Updates", ("occurred", "status", "#amount", "currency", "", "by"), rows)


def _in_path(payment_id: str) -> str:
    """Return an id as one part of a path, whatever a person typed."""
    return quote(payment_id, safe="")


def _row(payment: PaymentView, names: Mapping[int, str]) -> tuple[str, ...]:
    return (
        payment.payment_id,
        names.get(payment.customer_id, str(payment.customer_id)),
        payment.status,
        payment.amount or "-",
        payment.currency or "-",
        short_time(payment.occurred_at),
    )
