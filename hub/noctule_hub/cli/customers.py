"""`noctule customer`: who buys services, what they are, and who is suspended."""

from typing import Any

import click
import msgspec
from noctule_shared.customers import SuspensionReason

from noctule_hub.answers.customers import CustomerView, ServiceView
from noctule_hub.answers.devices import DeviceView, InterfaceView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.names import Names, names_of_ports
from noctule_hub.cli.options import ID
from noctule_hub.cli.output import bit_rate, json_option, print_json, print_table, say, short_time
from noctule_hub.cli.text import clean


class CustomerShown(msgspec.Struct, frozen=True):
    """All that the hub tells of one customer; as JSON it is what `--json` prints."""

    customer: CustomerView
    services: list[ServiceView]


@click.group("customer")
def customer_group() -> None:
    """Who buys services, and which devices and interfaces these are."""


@customer_group.command("add")
@click.argument("name")
@click.option("--reference", help="The billing system's id for the customer.")
@click.option("--timezone", help="IANA time zone, such as Europe/Zurich.  [default: the hub's]")
@click.option("--note", default="", help="A note for staff alone.")
@json_option
def customer_add(*, as_json: bool, **fields: str | None) -> None:
    """Add the customer NAME."""
    body = {name: value for name, value in fields.items() if value is not None}
    customer = decode(call(lambda client: client.send("POST", "customers", body)), CustomerView)
    if as_json:
        print_json(customer)
    else:
        say(f"Customer {customer.name} has id {customer.id}.")


@customer_group.command("list")
@click.option("--state", type=click.Choice(["active", "suspended", "closed"]), help="Only customers in this state.")
@json_option
def customer_list(state: str | None, *, as_json: bool) -> None:
    """List customers."""
    query = {} if state is None else {"state": state}
    customers = call(lambda client: client.items("customers", CustomerView, **query))
    if as_json:
        print_json({"items": customers})
        return
    rows = [(str(one.id), one.name, one.reference or "-", _state(one), one.timezone) for one in customers]
    print_table("Customers", ("#id", "name", "reference", "state", "time zone"), rows)


@customer_group.command("show")
@click.argument("customer")
@json_option
def customer_show(customer: str, *, as_json: bool) -> None:
    """Show CUSTOMER (id, name or reference) and its services."""

    async def read(client: HubClient) -> tuple[CustomerShown, Names]:
        found = await find_customer(client, customer)
        services = await client.items(f"customers/{found.id}/services", ServiceView)
        names = Names() if as_json else await names_of_ports(client, [one.device_id for one in services])
        return CustomerShown(found, services), names

    shown, names = call(read)
    if as_json:
        print_json(shown)
        return
    found = shown.customer
    facts = [
        ("id", str(found.id)),
        ("reference", found.reference or "-"),
        ("state", _state(found)),
        ("time zone", found.timezone),
        ("since", short_time(found.created_at)),
        ("note", found.note.replace("\n", " / ") or "-"),
    ]
    print_table(found.name, ("", ""), facts)
    print_services(shown.services, names)


@customer_group.command("edit")
@click.argument("customer")
@click.option("--name", help="New name.")
@click.option("--reference", help="The billing system's id for the customer; empty takes it away.")
@click.option("--timezone", help="IANA time zone, such as Europe/Zurich.")
@click.option("--note", help="A note for staff alone; empty takes it away.")
@json_option
def customer_edit(customer: str, *, as_json: bool, **fields: str | None) -> None:
    """Change CUSTOMER (id, name or reference); what is not named stays."""
    changes: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    if changes.get("reference") == "":
        changes["reference"] = None
    if not changes:
        raise click.UsageError("name what is to change: --name, --reference, --timezone or --note")

    async def edit(client: HubClient) -> CustomerView:
        found = await find_customer(client, customer)
        body = {"revision": found.revision} | changes
        return decode(await client.send("PATCH", f"customers/{found.id}", body), CustomerView)

    changed = call(edit)
    if as_json:
        print_json(changed)
    else:
        say(f"Customer {changed.name} ({changed.id}) is changed.")


@customer_group.command("suspend")
@click.argument("customer")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in SuspensionReason]),
    default=SuspensionReason.NON_PAYMENT.value,
    show_default=True,
    help="Why; it stands beside the customer's links.",
)
@json_option
def customer_suspend(customer: str, reason: str, *, as_json: bool) -> None:
    """Suspend CUSTOMER (id, name or reference): outages of its services ring nobody."""
    _step(customer, "suspend", as_json=as_json, reason=reason)


@customer_group.command("resume")
@click.argument("customer")
@json_option
def customer_resume(customer: str, *, as_json: bool) -> None:
    """Make CUSTOMER (id, name or reference) active again, suspended or closed."""
    _step(customer, "resume", as_json=as_json)


@customer_group.command("close")
@click.argument("customer")
@json_option
def customer_close(customer: str, *, as_json: bool) -> None:
    """Close CUSTOMER (id, name or reference): it sees nothing of its services any more."""
    _step(customer, "close", as_json=as_json)


@customer_group.command("remove")
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def customer_remove(customer: str, *, yes: bool, as_json: bool) -> None:
    """Remove CUSTOMER (id, name or reference) with its services; its payments stay."""
    found = call(lambda client: find_customer(client, customer))
    confirm(f"Remove {clean(found.name)} with its services?", yes=yes)
    call(lambda client: client.send("DELETE", f"customers/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Customer {found.name} ({found.id}) is removed.")


@customer_group.group("service")
def service_group() -> None:
    """Devices and interfaces that are customers' services."""


@service_group.command("add")
@click.argument("customer")
@click.argument("device")
@click.argument("interface", required=False)
@click.option("--label", required=True, help="What the customer calls it.")
@click.option("--committed-mbps", type=click.FloatRange(min=0.001), help="Rate that was agreed upon, in Mbit/s.")
@json_option
def service_add(
    customer: str, device: str, interface: str | None, *, label: str, committed_mbps: float | None, as_json: bool
) -> None:
    """Give CUSTOMER the DEVICE, or its INTERFACE alone, as a service; each by id or name."""

    async def add(client: HubClient) -> ServiceView:
        owner, found = await find_customer(client, customer), await find_device(client, device)
        body: dict[str, Any] = {"deviceId": found.id, "label": label}
        if interface is not None:
            body["interfaceId"] = (await _find_interface(client, found, interface)).id
        if committed_mbps is not None:
            body["committedBps"] = round(committed_mbps * 1e6)
        return decode(await client.send("POST", f"customers/{owner.id}/services", body), ServiceView)

    service = call(add)
    if as_json:
        print_json(service)
    else:
        say(f"Service {service.label} has id {service.id}.")


@service_group.command("list")
@click.argument("customer")
@json_option
def service_list(customer: str, *, as_json: bool) -> None:
    """List the services of CUSTOMER (id, name or reference)."""

    async def read(client: HubClient) -> tuple[list[ServiceView], Names]:
        found = await find_customer(client, customer)
        services = await client.items(f"customers/{found.id}/services", ServiceView)
        return services, Names() if as_json else await names_of_ports(client, [one.device_id for one in services])

    services, names = call(read)
    if as_json:
        print_json({"items": services})
    else:
        print_services(services, names)


@service_group.command("remove")
@click.argument("customer")
@click.argument("service_id", type=ID)
@json_option
def service_remove(customer: str, service_id: int, *, as_json: bool) -> None:
    """Take the service SERVICE_ID from CUSTOMER (id, name or reference)."""

    async def remove(client: HubClient) -> None:
        found = await find_customer(client, customer)
        await client.send("DELETE", f"customers/{found.id}/services/{service_id}")

    call(remove)
    if as_json:
        print_json({"removed": service_id})
    else:
        say(f"Service {service_id} is removed.")


def print_services(services: list[ServiceView], names: Names) -> None:
    """Print services as a table."""
    rows = [
        (
            str(one.id),
            one.label,
            names.devices.get(one.device_id, str(one.device_id)),
            "-" if one.interface_id is None else names.interfaces.get(one.interface_id, str(one.interface_id)),
            bit_rate(one.committed_bps),
            short_time(one.since),
        )
        for one in services
    ]
    print_table("Services", ("#id", "label", "device", "interface", "#committed", "since"), rows)


async def find_customer(client: HubClient, wanted: str) -> CustomerView:
    """Return a customer by id, name or reference. Raises `CommandError` when there is none."""
    if wanted.isascii() and wanted.isdecimal():
        return decode(await client.get(f"customers/{wanted}"), CustomerView)
    for query in ({"name": wanted}, {"reference": wanted}):
        found = await client.items("customers", CustomerView, **query)
        if found:
            return found[0]
    raise CommandError(f"there is no customer {wanted!r}; see: noctule customer list")


async def _find_interface(client: HubClient, device: DeviceView, wanted: str) -> InterfaceView:
    for interface in await client.items(f"devices/{device.id}/interfaces", InterfaceView):
        if str(interface.id) == wanted or interface.name == wanted:
            return interface
    raise CommandError(f"{device.name} has no interface {wanted!r}; see: noctule device show {device.id}")


def _step(customer: str, step: str, *, as_json: bool, **body: str) -> None:
    async def take(client: HubClient) -> CustomerView:
        found = await find_customer(client, customer)
        sent = {"revision": found.revision} | body
        return decode(await client.send("POST", f"customers/{found.id}/{step}", sent), CustomerView)

    moved = call(take)
    if as_json:
        print_json(moved)
    else:
        say(f"Customer {moved.name} ({moved.id}) is {_state(moved)}.")


def _state(customer: CustomerView) -> str:
    reason = f" ({customer.suspension_reason})" if customer.suspension_reason else ""
    return f"{customer.state}{reason}"
