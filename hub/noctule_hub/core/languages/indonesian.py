"""What the hub says of devices and alerts, in Indonesian, beside the English that it stands for (`translation`).

Titles and reasons; the sentences by which an alert is explained are in `indonesian_stories`, which puts all of them in
order, with what agents say (`indonesian_advice`, `indonesian_agents`) and what is refused (`indonesian_inputs`,
`indonesian_refusals`). Tests hold them to the words in the code: what is said there and not here, and what is here and
said no more, is named by them.
"""

from typing import Final

Pairs = tuple[tuple[str, str], ...]

WORDS: Final[Pairs] = (
    ("critical", "kritis"),
    ("warning", "peringatan"),
    ("info", "info"),
    ("resolved", "pulih"),
    ("online", "online"),
    ("degraded", "terganggu"),
    ("offline", "offline"),
    ("unreachable", "tak terjangkau"),
    ("unknown", "tidak diketahui"),
    ("maintenance", "pemeliharaan"),
    ("silent", "diam"),
    ("connected", "tersambung"),
    ("revoked", "dicabut"),
    ("no answer", "tidak ada jawaban"),
    ("non-payment", "belum membayar"),
    ("abuse", "penyalahgunaan"),
    ("requested", "atas permintaan"),
    ("other", "sebab lain"),
    ("{n:number} more", "{n} lagi"),
    ("{n:number} good rounds", "{n} putaran baik"),
    ("an unknown speed", "speed tidak diketahui"),
    ("an unknown speed, {duplex} duplex", "speed tidak diketahui, {duplex} duplex"),
)

# How a device is, as far as its agent can tell.
STATES: Final[Pairs] = (
    ("answers", "menjawab"),
    ("packets are lost", "ada packet loss"),
    ("does not answer ICMP", "tidak menjawab ICMP"),
    ("does not answer SNMP", "tidak menjawab SNMP"),
    ("answers neither ICMP nor SNMP", "tidak menjawab ICMP maupun SNMP"),
    ("SNMP does not answer, ICMP does", "SNMP tidak menjawab, ICMP menjawab"),
    ("ICMP does not answer, SNMP does", "ICMP tidak menjawab, SNMP menjawab"),
    ("not measured by {way} yet", "belum diukur lewat {way}"),
    ("no agent polls it", "tidak dipantau agen mana pun"),
    ("agent {name} is {link:said}", "agen {name} {link}"),
    ("agent {name} has lost its own way out", "agen {name} kehilangan jalur keluarnya sendiri"),
    ("nothing was heard of it yet", "belum ada kabar darinya"),
    ("loss {share} over {time} s", "loss {share} selama {time} dtk"),
    ("loss below {share} for {time} s", "loss di bawah {share} selama {time} dtk"),
    ("{n:number} polls failed: {why:said}", "{n} polling gagal: {why}"),
    ("no reply: {why:said}", "tidak ada balasan: {why}"),
    ("no reply", "tidak ada balasan"),
    ("{n:number} fast {noun:said} lost: {why:said}", "{n} {noun} cepat hilang: {why}"),
    ("{n:number} fast {noun:said} lost", "{n} {noun} cepat hilang"),
    ("retry", "percobaan ulang"),
    ("retries", "percobaan ulang"),
    ("{n:number} good round", "{n} putaran baik"),
    ("no longer measured", "tidak diukur lagi"),
    ("first reply", "balasan pertama"),
    ("first answer", "jawaban pertama"),
    ("answered again", "menjawab lagi"),
    ("polled", "hasil polling"),
    ("reconciled", "hasil pencocokan"),
    ("configuration changed", "konfigurasi berubah"),
    ("behind {names:list}", "di balik {names}"),
    ("{name} ({status:status})", "{name} ({status})"),
    ("{reason:said}; held {n:number} s for word of {names:list}", "{reason}; ditahan {n} dtk menunggu kabar {names}"),
    ("maintenance {window}: {reason:said}", "pemeliharaan {window}: {reason}"),
)

# What is wrong, and what keeps it from ringing.
TITLES: Final[Pairs] = (
    ("Several devices at {site} are offline", "Beberapa perangkat di {site} offline"),
    ("Agent {name} is silent", "Agen {name} diam"),
    ("Agent {name} runs twice", "Agen {name} berjalan ganda"),
    ("Agent {name} has its clock wrong", "Jam agen {name} keliru"),
    ("The hub's disk has {share} free ({size}) at {folder}", "Disk hub tersisa {share} ({size}) di {folder}"),
    ("{device} is offline", "{device} offline"),
    ("{device} is unreachable", "{device} tak terjangkau"),
    ("{device} is degraded", "{device} terganggu"),
    ("{device} is flapping", "{device} flapping"),
    ("{device} is down", "{device} down"),
    ("{device} started again", "{device} reboot"),
    ("{device} carries more than is committed", "{device} membawa lebih dari komitmen"),
    ("{device} changed from {before:said} to {after:said}", "{device} berubah dari {before} ke {after}"),
    ("{device} is seen again for less than {n:number} s", "{device} baru terlihat lagi kurang dari {n} dtk"),
    ("{device} is not measured again yet", "{device} belum diukur lagi"),
    ("its customer is suspended: {reasons:list}", "pelanggannya ditangguhkan: {reasons}"),
    ("it is under maintenance: {window}", "sedang dalam pemeliharaan: {window}"),
    ("it is under maintenance", "sedang dalam pemeliharaan"),
    ("is flapping (score {n:number})", "flapping (skor {n})"),
    ("is flapping", "flapping"),
)

REASONS: Final[Pairs] = (
    ("round-trip delay {value}, usually {usual}", "waktu pulang-pergi {value}, biasanya {usual}"),
    ("round-trip delay {value}", "waktu pulang-pergi {value}"),
    ("{share} of packets lost ({lost} of {sent})", "{share} paket hilang ({lost} dari {sent})"),
    ("{share} of {speed} Mbit/s used in", "{share} dari {speed} Mbit/s terpakai, arah masuk"),
    ("{share} of {speed} Mbit/s used out", "{share} dari {speed} Mbit/s terpakai, arah keluar"),
    ("{share} of packets in have errors", "{share} paket masuk mengalami error"),
    ("{share} of packets out have errors", "{share} paket keluar mengalami error"),
    ("{share} of packets in are discarded", "{share} paket masuk dibuang"),
    ("{share} of packets out are discarded", "{share} paket keluar dibuang"),
    ("{reason:said}; alerts above {limit}", "{reason}; alert di atas {limit}"),
    ("{reason:said}; alerts from {limit}", "{reason}; alert mulai {limit}"),
    (
        "{n:number} changes in {time:span}: score {score:number}, flapping above {limit:number}",
        "{n} perubahan dalam {time}: skor {score}, flapping di atas {limit}",
    ),
    (
        "no change for {time:span}: score {score:number}, over below {limit:number}",
        "tanpa perubahan selama {time}: skor {score}, selesai di bawah {limit}",
    ),
    ("{reason:said}: its own changes are too few", "{reason}: perubahannya sendiri terlalu sedikit"),
    ("started again: sysUpTime is {time:span} ({ticks} ticks)", "reboot: sysUpTime {time} ({ticks} tick)"),
    ("changed from {before:said} to {after:said}", "berubah dari {before} ke {after}"),
    ("it runs as before: {link:said}", "berjalan seperti semula: {link}"),
    ("its clock is {n:number} s ahead of the hub's", "jamnya {n} dtk lebih cepat dari jam hub"),
    (
        "its clock is {n:number} s ahead of the hub's, which was set back by {m:number} s",
        "jamnya {n} dtk lebih cepat dari jam hub, yang dimundurkan {m} dtk",
    ),
    ("its clock is {n:number} s behind the hub's", "jamnya {n} dtk lebih lambat dari jam hub"),
    ("not heard of for {n:number} s", "tidak terdengar selama {n} dtk"),
    ("heard again", "terdengar lagi"),
    ("it is silent", "diam"),
    ("it runs twice", "berjalan ganda"),
    ("revoked by an administrator", "dicabut administrator"),
    ("no second link with this identity came any more", "tidak ada lagi sambungan kedua dengan identitas ini"),
    (
        "95th percentile {p95} of {rate} committed this month (coverage {share})",
        "persentil ke-95 {p95} dari komitmen {rate} bulan ini (cakupan {share})",
    ),
    ("no rate is committed any more", "tidak ada komitmen lagi"),
    ("another month began", "bulan baru dimulai"),
    (
        "{share} free ({size}) of {total} at {folder}; low at {limit}",
        "sisa {share} ({size}) dari {total} di {folder}; batas {limit}",
    ),
    (
        "{reason:said}; retention.max_bytes has dropped {n:number} days of raw measurements since the start",
        "{reason}; retention.max_bytes sudah membuang {n} hari pengukuran mentah sejak hub dijalankan",
    ),
    ("its rule was removed", "aturannya dihapus"),
    ("its rule was disabled", "aturannya dinonaktifkan"),
    ("its rule does not apply to it any more", "aturannya tidak berlaku lagi untuknya"),
    ("the device was removed", "perangkatnya dihapus"),
    ("the interface is gone", "interface-nya sudah tidak ada"),
    ("its measurements paused", "pengukurannya terhenti"),
    ("nobody can know whether it holds", "tidak dapat diketahui apakah masih berlaku"),
    ("it is not measured any more", "tidak diukur lagi"),
    ("{reason:said}; {time:span} ago", "{reason}; {time} lalu"),
)

# What the audit log calls what has no name that people gave.
OBJECTS: Final[Pairs] = (
    ("{n:number} devices", "{n} perangkat"),
    ("settings", "pengaturan"),
    ("data key", "kunci data"),
    ("token key", "kunci token"),
    ("all sealed secrets", "semua rahasia tersegel"),
)
