"""What the public status page says, in each language that it speaks, and which of them a visitor reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from noctule_shared.events import ComponentState

from noctule_hub.core.languages.spoken import Language

# Of a header of any length so many wishes are looked at.
_MAX_WISHES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """The page in one language. What is in braces is filled in (`str.format`); the last part is said by the script.

    `one` and `many` say what the state of the whole comes to, of the one component in it or of several.
    """

    language: Language
    states: Mapping[ComponentState, str]
    one: Mapping[ComponentState, str]
    many: Mapping[ComponentState, str]
    no_page: str
    no_page_text: str
    no_services: str
    services: str
    under_way: str
    planned: str
    past: str
    none_past: str
    unlisted: str
    since: str
    since_lasting: str
    from_to: str
    today: str
    days: str
    more_days: str
    available: str
    no_data: str
    out_for: str
    degraded_for: str
    as_of: str
    # Of a year, from January; `units` are those of a duration: days, hours, minutes, seconds.
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    units: tuple[str, str, str, str]
    decimal_mark: str
    lost: str


ENGLISH: Final = PageWords(
    language=Language.ENGLISH,
    states={state: state.capitalize() for state in ComponentState},
    one={
        ComponentState.OPERATIONAL: "All services work.",
        ComponentState.DEGRADED: "{label} is disturbed.",
        ComponentState.OUTAGE: "{label} is out.",
        ComponentState.MAINTENANCE: "{label} is under maintenance.",
        ComponentState.UNKNOWN: "Not all of it is known at the moment.",
    },
    many={
        ComponentState.OPERATIONAL: "All services work.",
        ComponentState.DEGRADED: "{count} of {all} services are disturbed.",
        ComponentState.OUTAGE: "{count} of {all} services are out.",
        ComponentState.MAINTENANCE: "{count} of {all} services are under maintenance.",
        ComponentState.UNKNOWN: "Not all of it is known at the moment.",
    },
    no_page="No status page",
    no_page_text="There is no public status page here.",
    no_services="No service is listed here yet.",
    services="Services",
    under_way="Maintenance under way",
    planned="Planned maintenance",
    past="Past disturbances",
    none_past="None in the last 90 days.",
    unlisted="{count} earlier ones are not listed.",
    since="since {at}",
    since_lasting="since {at}, {span}",
    from_to="{begin} to {end}, {span}",
    today="today",
    days="The last {count} days: {ratio}.",
    more_days="{count} earlier days were disturbed too.",
    available="{share} available",
    no_data="no data yet",
    out_for="out for {span}",
    degraded_for="degraded for {span}",
    as_of="As of {at}. This page renews itself each minute.",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    short_months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    units=("d", "h", "min", "s"),
    decimal_mark=".",
    lost="Reconnecting. What you see is {age} old.",
)
INDONESIAN: Final = PageWords(
    language=Language.INDONESIAN,
    states={
        ComponentState.OPERATIONAL: "Beroperasi",
        ComponentState.DEGRADED: "Terganggu",
        ComponentState.OUTAGE: "Terputus",
        ComponentState.MAINTENANCE: "Pemeliharaan",
        ComponentState.UNKNOWN: "Tidak diketahui",
    },
    one={
        ComponentState.OPERATIONAL: "Semua layanan berfungsi.",
        ComponentState.DEGRADED: "{label} terganggu.",
        ComponentState.OUTAGE: "{label} terputus.",
        ComponentState.MAINTENANCE: "{label} dalam pemeliharaan.",
        ComponentState.UNKNOWN: "Saat ini belum semuanya diketahui.",
    },
    many={
        ComponentState.OPERATIONAL: "Semua layanan berfungsi.",
        ComponentState.DEGRADED: "{count} dari {all} layanan terganggu.",
        ComponentState.OUTAGE: "{count} dari {all} layanan terputus.",
        ComponentState.MAINTENANCE: "{count} dari {all} layanan dalam pemeliharaan.",
        ComponentState.UNKNOWN: "Saat ini belum semuanya diketahui.",
    },
    no_page="Tidak ada halaman status",
    no_page_text="Di sini tidak ada halaman status untuk umum.",
    no_services="Belum ada layanan yang tercantum di sini.",
    services="Layanan",
    under_way="Pemeliharaan yang sedang berlangsung",
    planned="Pemeliharaan terjadwal",
    past="Gangguan sebelumnya",
    none_past="Tidak ada dalam 90 hari terakhir.",
    unlisted="{count} gangguan yang lebih lama tidak dicantumkan.",
    since="sejak {at}",
    since_lasting="sejak {at}, {span}",
    from_to="{begin} sampai {end}, {span}",
    today="hari ini",
    days="{count} hari terakhir: {ratio}.",
    more_days="{count} hari sebelumnya juga terganggu.",
    available="{share} tersedia",
    no_data="belum ada data",
    out_for="terputus selama {span}",
    degraded_for="terganggu selama {span}",
    as_of="Keadaan per {at}. Halaman ini diperbarui dengan sendirinya setiap menit.",
    months=(
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    short_months=("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    units=("hari", "jam", "mnt", "dtk"),
    decimal_mark=",",
    lost="Menyambung kembali. Yang Anda lihat berumur {age}.",
)
# Browsers that are old send `in` for Indonesian.
_SPOKEN: Final = {"en": ENGLISH, "id": INDONESIAN, "in": INDONESIAN}


def words_for(accept_language: str) -> PageWords:
    """Return the words of the language that an Accept-Language header likes best of those spoken, else English.

    Of equal wishes the first one counts (RFC 9110 section 12.5.4); one of quality 0, or without sense, is none.
    """
    best, most = ENGLISH, 0.0
    for wish in accept_language.split(",", _MAX_WISHES)[:_MAX_WISHES]:
        tag, _, weight = wish.partition(";")
        words = _SPOKEN.get(tag.strip().lower().partition("-")[0])
        quality = _quality(weight)
        if words is not None and quality > most:
            best, most = words, quality
    return best


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
