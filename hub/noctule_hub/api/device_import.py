"""Many devices over HTTP at once: all of them or none, and beforehand what would become of each."""

from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import Refused
from noctule_shared.link import SnmpCredentials

from noctule_hub.answers.imports import ImportAnswer, ImportRowView, RowFaultView, RowOutcome
from noctule_hub.api.bodies import json_response, read_body, read_query
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.devices import seal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.import_faults import Faults, read_row
from noctule_hub.api.import_parents import order
from noctule_hub.api.import_plan import Known, plan
from noctule_hub.api.import_rows import MAX_ROWS, ImportRow, Step, refused
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.sealing import open_stored
from noctule_hub.core.records import Device
from noctule_hub.errors import SealError
from noctule_hub.store.device_import import DeviceRow

_EACH_ROW: Final = (
    "Each is an object with `name`, `address` and `site`, and where it is wanted `agent`, `reachability`, "
    "`icmpIntervalS`, `snmp`, `role`, `tags`, `parents` and `note`. All that is wrong with one is told beside what "
    "becomes of the others."
)


class DeviceImport(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/devices/import`. `update`: devices that are there are changed, else they are skipped."""

    # Each is read by itself, as an `ImportRow`.
    devices: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MAX_ROWS, description=_EACH_ROW)]
    update: bool = False


class ImportQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `POST /api/v1/devices/import`. `dryRun`: say what would become of each row, and change nothing."""

    dry_run: bool = False


async def import_devices(request: web.Request) -> web.Response:
    """`POST /api/v1/devices/import`: what became of each row; refused whole when a row is, unless it is a dry run."""
    context = context_of(request)
    query = read_query(request, ImportQuery)
    body = await read_body(request, DeviceImport)
    given = [read_row(bytes(row)) for row in body.devices]
    rows_read = [(row, faults) for row, faults in given if row is not None]
    known = await _known(context, update=body.update)
    rows_faults = [faults for _, faults in rows_read]
    steps = plan([row for row, _ in rows_read], known, update=body.update, faults=rows_faults)
    written = order(steps)
    applied = not query.dry_run
    if applied:
        _raise_first(_of_all(given, steps))
    rows = _store_rows(context, steps, written)
    results = await context.store.import_devices(rows, dry_run=query.dry_run, by=authorship_of(request)) if rows else []
    for position, result in zip(written, results, strict=True):
        if isinstance(result, Refused):
            steps[position] = refused(result, device=steps[position].device)
        elif applied:
            steps[position].device = result
    told = _of_all(given, steps)
    if applied:
        _raise_first(told)
        if written:
            await context.configuration_changed()
    return json_response(ImportAnswer(applied, [_view(step) for step in told]))


def _of_all(given: list[tuple[ImportRow | None, Faults]], steps: list[Step]) -> list[Step]:
    """Return a step for each row as it was given; `steps` are those of the rows of which anything could be read."""
    of_read = iter(steps)
    return [refused(*faults.refusals) if row is None else next(of_read) for row, faults in given]


async def _known(context: ApiContext, *, update: bool) -> Known:
    devices, agents = await context.store.devices(), await context.store.agents()
    active = [agent for agent in agents if agent.revoked_ms is None]
    sealed: dict[int, bytes] = {}
    if update:
        for agent_id in (None, *(agent.id for agent in active)):
            sealed |= await context.store.device_secrets(agent_id)

    def opened(device: Device) -> SnmpCredentials | None:
        try:
            return open_stored(context.keys, device.id, sealed[device.id])
        except (KeyError, SealError):
            return None

    return Known(
        devices=devices,
        sites={site.name.casefold(): site.id for site in await context.store.sites()},
        agents={agent.name.casefold(): agent.id for agent in active},
        opened=opened,
    )


def _store_rows(context: ApiContext, steps: list[Step], written: list[int]) -> list[DeviceRow]:
    place = {position: number for number, position in enumerate(written)}
    rows: list[DeviceRow] = []
    for position in written:
        step = steps[position]
        if step.checked is None:
            raise AssertionError(f"row {position} has nothing to be written")
        rows.append(
            DeviceRow(
                new=step.checked.device,
                seal=seal_of(context, step.checked.credentials),
                device_id=None if step.device is None else step.device.id,
                revision=0 if step.device is None else step.device.revision,
                behind=tuple(place[other] for other in step.behind if other in place),
            )
        )
    return rows


def _raise_first(steps: list[Step]) -> None:
    """Raise the first refusal, if there is one, with its row."""
    refusals = [(position, step.refusals[0]) for position, step in enumerate(steps) if step.refusals]
    for position, refusal in refusals:
        others = f" ({len(refusals)} rows are refused; dryRun=true tells of each)" if len(refusals) > 1 else ""
        field = f"devices[{position}]" + (f".{refusal.field}" if refusal.field else "")
        raise Refused(refusal.code, f"{refusal.message}{others}", field=field)


def _view(step: Step) -> ImportRowView:
    device_id = None if step.device is None else step.device.id
    if step.refusals:
        return ImportRowView(
            outcome=RowOutcome.REFUSED,
            device_id=device_id,
            field=step.refusals[0].field,
            message=step.refusals[0].message,
            faults=[RowFaultView(refusal.field, refusal.message) for refusal in step.refusals],
        )
    return ImportRowView(outcome=step.outcome, device_id=device_id, message=step.message)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/devices/import",
        Action.WRITE_DEVICES,
        import_devices,
        Contract(query=ImportQuery, body=DeviceImport, answer=ImportAnswer),
    ),
)
