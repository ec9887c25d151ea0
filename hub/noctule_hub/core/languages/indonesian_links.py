"""Links and what was lost on them, in Indonesian: agents to the hub, a page to the hub, devices to each other."""

from typing import Final

from noctule_hub.core.languages.indonesian import Pairs

# Why measurements of an agent are missing.
GAPS: Final[Pairs] = (
    (
        "the agent began its outbox anew ({why:said}); what it had not delivered is lost",
        "agen memulai outbox-nya dari awal ({why}); yang belum dikirimnya hilang",
    ),
    ("its outbox was removed", "outbox-nya dihapus"),
    ("its file was broken: {error}", "berkasnya rusak: {error}"),
    ("its file was set back behind what the hub has", "berkasnya mundur ke sebelum yang ada di hub"),
    (
        "its file was set back, and went on with other frames than the hub has",
        "berkasnya mundur, lalu berlanjut dengan frame yang lain dari yang ada di hub",
    ),
    ("frame rejected: {why}", "frame ditolak: {why}"),
    (
        "{n:number} rows left out: not this agent's, of no known interface, or from a broken clock",
        "{n} baris dilewati: bukan milik agen ini, interface-nya tidak dikenal, atau dari jam yang rusak",
    ),
    ("buffer-full", "buffer penuh"),
    ("too-large", "terlalu besar"),
    ("outbox-full", "outbox penuh"),
    ("outbox-age", "terlalu lama di outbox"),
    ("outbox-unavailable", "outbox tidak dapat dipakai"),
)

# Why an agent's link began or ended.
AGENTS: Final[Pairs] = (
    ("link lost", "sambungan putus"),
    ("agent {version} from {address}", "agen {version} dari {address}"),
)

# Why a page has no link to the hub, as its client says it.
PAGES: Final[Pairs] = (
    ("the hub closed the connection", "hub menutup sambungan"),
    ("the connection broke", "sambungan terputus"),
    ("the hub fell silent", "hub tidak terdengar lagi"),
    ("the hub does not answer", "hub tidak menjawab"),
    ("events were lost on the way", "ada kejadian yang hilang di jalan"),
)

# Why the hub lets a page or a program not in.
DOOR: Final[Pairs] = (
    ("the hub has as many clients as it takes", "hub sudah penuh dan tidak menerima klien lagi"),
    ("the hub has as many sessions as it takes", "hub sudah penuh dan tidak menerima sesi lagi"),
    (
        "{n:number} anonymous connections of your address are open; sign in",
        "sudah ada {n} sambungan anonim dari alamat Anda; masuk dulu",
    ),
    (
        "you have {n:number} connections; close one, or raise sockets.sessions_per_user",
        "Anda punya {n} sambungan; tutup salah satu, atau naikkan sockets.sessions_per_user",
    ),
    ("{n:number} sessions of your address are open; {what:said}", "sudah ada {n} sesi dari alamat Anda; {what}"),
    (
        "more than {n:number} handshakes a minute of your address; {what:said}",
        "lebih dari {n} handshake per menit dari alamat Anda; {what}",
    ),
    (
        "wait, or raise sockets.{key} in hub.toml (behind a proxy: set trusted_proxies)",
        "tunggu, atau naikkan sockets.{key} di hub.toml (di belakang proksi: atur trusted_proxies)",
    ),
)

# Why one device probably stands behind another.
SUGGESTIONS: Final[Pairs] = (
    (
        "linked with {device} on {ports} ({sure:said}), which is one link nearer to the agent",
        "terhubung dengan {device} lewat {ports} ({sure}), yang satu link lebih dekat ke agen",
    ),
    (
        "linked with {device} ({sure:said}), which is one link nearer to the agent",
        "terhubung dengan {device} ({sure}), yang satu link lebih dekat ke agen",
    ),
    ("both tell of the link", "keduanya melaporkan link itu"),
    ("one of them tells of the link", "salah satunya melaporkan link itu"),
)

LINKS: Final[Pairs] = (*GAPS, *AGENTS, *PAGES, *DOOR, *SUGGESTIONS)
