"""What the hub itself says in a message, in each language; the sentences of alerts are said by `core.languages`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.languages.spoken import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWords:
    """One language. What is in braces is filled in by `str.format`, once: what people wrote is never a template."""

    still: str
    more: str
    unreachable: str
    following: str
    summary: str
    rest: str
    device: str
    severity: str
    reason: str
    since: str
    resolved: str
    alert: str
    unattended: str
    channel_title: str
    channel_text: str
    trial_title: str
    trial_text: str


WORDS: Final[Mapping[Language, MessageWords]] = {
    Language.ENGLISH: MessageWords(
        still="still {severity}",
        more="{count} more",
        unreachable="{count} unreachable",
        following="{count} more: {what}",
        summary="{count} more alerts: {first}",
        rest="and {count} more",
        device="Device: {fact}",
        severity="Severity: {fact}",
        reason="Reason: {fact}",
        since="Since: {fact}",
        resolved="Resolved: {fact}",
        alert="Alert: {fact}",
        unattended="Nobody has taken care of it yet.",
        channel_title="[test] Noctule channel {channel}",
        channel_text="This is a test of the notification channel {channel}. Nothing is wrong.",
        trial_title="[test] {title}",
        trial_text="This is a test. Nothing new is wrong.",
    ),
    Language.INDONESIAN: MessageWords(
        still="masih {severity}",
        more="{count} lagi",
        unreachable="{count} tak terjangkau",
        following="{count} lagi: {what}",
        summary="{count} alert lagi: {first}",
        rest="dan {count} lagi",
        device="Perangkat: {fact}",
        severity="Tingkat: {fact}",
        reason="Alasan: {fact}",
        since="Sejak: {fact}",
        resolved="Pulih: {fact}",
        alert="Alert: {fact}",
        unattended="Belum ada yang menanganinya.",
        channel_title="[uji coba] Kanal Noctule {channel}",
        channel_text="Ini uji coba kanal notifikasi {channel}. Tidak ada yang salah.",
        trial_title="[uji coba] {title}",
        trial_text="Ini uji coba. Tidak ada gangguan baru.",
    ),
}
