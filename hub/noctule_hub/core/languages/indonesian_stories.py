"""The sentences by which an alert is explained, or that there is none, and the steps of its story, in Indonesian.

See `indonesian`; an order matters only where one sentence could be read as another.
"""

from typing import Final

from noctule_hub.core.languages.indonesian import OBJECTS, REASONS, STATES, TITLES, WORDS, Pairs
from noctule_hub.core.languages.indonesian_advice import ADVICE, TELLING
from noctule_hub.core.languages.indonesian_agents import COMMANDS, FAILURES, SYSTEM
from noctule_hub.core.languages.indonesian_deliveries import OUTCOMES
from noctule_hub.core.languages.indonesian_inputs import INPUTS
from noctule_hub.core.languages.indonesian_links import LINKS
from noctule_hub.core.languages.indonesian_refusals import REFUSALS
from noctule_hub.core.languages.translation import translator

EXPLANATIONS: Final[Pairs] = (
    ("“{title:said}” ({severity:said}) is over: {reason:said}.", "“{title}” ({severity}) sudah selesai: {reason}."),
    ("It has been so since {at}, for {time:span}.", "Begitu sejak {at}, selama {time}."),
    (
        "It has been so since {at}, for {time:span}; it does not fire yet.",
        "Begitu sejak {at}, selama {time}; belum aktif.",
    ),
    ("It began at {at} and ended at {end}, after {time:span}.", "Mulai {at} dan berakhir {end}, setelah {time}."),
    (
        "It began at {at} and was over, after {time:span}, before it fired.",
        "Mulai {at} dan selesai setelah {time}, sebelum sempat aktif.",
    ),
    ("It began at {at} and was over, before it fired.", "Mulai {at} dan selesai sebelum sempat aktif."),
    ("It was found later, from the agent's backlog.", "Diketahui belakangan, dari tunggakan agen."),
    ("Measured: {parts:list}.", "Diukur: {parts}."),
    ("Its flap score was {score:number}.", "Skor flapping-nya {score}."),
    ("{what} was {figure:figure}", "{what} {figure}"),
    ("{what} usually it is {figure:figure}", "{what} biasanya {figure}"),
    ("{what} the threshold is {figure:figure}", "{what} ambangnya {figure}"),
    ("usually it is {figure:said}", "biasanya {figure}"),
    ("the threshold is {figure:said}", "ambangnya {figure}"),
    ("it is over past {figure:said}", "selesai setelah melewati {figure}"),
    (
        "Rule {name} decided it at its revision {n:number}, of which no more is known.",
        "Diputuskan aturan {name} pada revisi {n}; selebihnya tidak diketahui lagi.",
    ),
    (
        "Rule {name}, revision {n:number}, fires on {kind} at once.",
        "Aturan {name}, revisi {n}, aktif pada {kind} seketika.",
    ),
    (
        "Rule {name}, revision {n:number}, fires on {kind} once that has held for {time:span}.",
        "Aturan {name}, revisi {n}, aktif pada {kind} bila sudah berlangsung {time}.",
    ),
    ("The rule has been removed since.", "Aturannya sudah dihapus."),
    ("The rule is disabled today.", "Aturannya kini nonaktif."),
    (
        "The rule has been changed since (revision {n:number}): {changes:list}.",
        "Aturannya sudah diubah (revisi {n}): {changes}.",
    ),
    ("it waits {time:span}", "menunggu {time}"),
    ("its severity is {severity:said}", "tingkatnya {severity}"),
    ("it is about other things", "tentang hal lain"),
    ("its figures are different", "angkanya lain"),
    ("another policy says who is told", "kebijakan lain menentukan siapa yang diberi tahu"),
    ("customers are told something else", "pelanggan diberi tahu hal lain"),
    ("in nothing that it decides by", "tidak ada dasar keputusannya yang berubah"),
    ("How its device is now is not known: {reason:said}.", "Keadaan perangkatnya sekarang tidak diketahui: {reason}."),
    ("Now its device is {status:said}: {reason:said}.", "Sekarang perangkatnya {status}: {reason}."),
    ("It is reached through {hops:list}.", "Dicapai lewat {hops}."),
    (
        "Look at {name} first: it is offline too, and before it.",
        "Lihat {name} lebih dulu: juga offline, dan berada di depannya.",
    ),
    (
        "Its device is under maintenance ({name}), which does not end what fired before.",
        "Perangkatnya dalam pemeliharaan ({name}), yang tidak mengakhiri alert yang sudah aktif.",
    ),
    ("It never fired, so it rang nobody.", "Tidak pernah aktif, jadi tidak berbunyi pada siapa pun."),
    (
        "It rang nobody: it was over when the hub heard of it.",
        "Tidak berbunyi pada siapa pun: sudah selesai ketika hub mengetahuinya.",
    ),
    ("It rings nobody, because {a:said} and {b:said}.", "Tidak berbunyi pada siapa pun, karena {a} dan {b}."),
    ("It rings nobody, because {why:said}.", "Tidak berbunyi pada siapa pun, karena {why}."),
    (
        "It does not ring any more, because somebody takes care of it.",
        "Tidak berbunyi lagi, karena sudah ada yang menanganinya.",
    ),
    ("It rings: nothing keeps it quiet.", "Berbunyi: tidak ada yang menahannya."),
    (
        "It does not fire, because its device is under maintenance ({name}).",
        "Tidak aktif, karena perangkatnya dalam pemeliharaan ({name}).",
    ),
    (
        "It does not fire as long as nobody knows how its device is: {reason:said}.",
        "Tidak aktif selama keadaan perangkatnya tidak diketahui: {reason}.",
    ),
    ("It fires at {at} if that holds on.", "Aktif pada {at} bila tetap begitu."),
    (
        "It fires with the next measurement that says the same.",
        "Aktif pada pengukuran berikutnya yang menunjukkan hal sama.",
    ),
    ("silence {id:number} ({comment}) holds until {at}", "pembisuan {id} ({comment}) berlaku sampai {at}"),
    ("silence {id:number} ({comment}) holds", "pembisuan {id} ({comment}) berlaku"),
    ("Channel {name} was to be told of it: {outcome:said}.", "Kanal {name} diberi tahu: {outcome}."),
    ("Channel {name} was to be reminded of it: {outcome:said}.", "Kanal {name} diingatkan: {outcome}."),
    ("Channel {name} was to be told of its end: {outcome:said}.", "Kanal {name} diberi tahu akhirnya: {outcome}."),
    ("not sent yet{rest}", "belum dikirim{rest}"),
    (
        "not delivered yet, and tried again at {at} ({n:number} tries): {why}",
        "belum terkirim, dicoba lagi; terakhir {at} ({n} percobaan): {why}",
    ),
    ("not delivered yet, and tried again at {at}: {why}", "belum terkirim, dicoba lagi; terakhir {at}: {why}"),
    ("delivered at {at} ({n:number} tries)", "terkirim {at} ({n} percobaan)"),
    ("delivered at {at}", "terkirim {at}"),
    ("given up at {at} ({n:number} tries): {why}", "menyerah {at} ({n} percobaan): {why}"),
    ("given up at {at}: {why}", "menyerah {at}: {why}"),
    ("not sent yet", "belum dikirim"),
    ("delivered", "terkirim"),
    ("given up", "menyerah"),
    ("And {n:number} more deliveries.", "Dan {n} pengiriman lagi."),
    ("No channel was told of it.", "Tidak ada kanal yang diberi tahu."),
    ("{name} takes care of it since {at} until {end}: {note}.", "{name} menanganinya sejak {at} sampai {end}: {note}."),
    ("{name} takes care of it since {at} until {end}.", "{name} menanganinya sejak {at} sampai {end}."),
    ("{name} takes care of it since {at}: {note}.", "{name} menanganinya sejak {at}: {note}."),
    ("{name} takes care of it since {at}.", "{name} menanganinya sejak {at}."),
    ("It is assigned to {name}.", "Ditugaskan kepada {name}."),
    ("Its agent found: {what:said}.", "Agennya mendapati: {what}."),
    ("traceroute to {address}: no hop answers", "traceroute ke {address}: tidak ada hop yang menjawab"),
    ("traceroute to {address}: {path}, then no answer", "traceroute ke {address}: {path}, lalu tidak ada jawaban"),
    ("traceroute to {address}: {path}", "traceroute ke {address}: {path}"),
    ("Before, {name} took care of it from {at} on: {note}.", "Sebelumnya {name} menanganinya mulai {at}: {note}."),
    ("Before, {name} took care of it from {at} on.", "Sebelumnya {name} menanganinya mulai {at}."),
    ("And {n:number} times before that.", "Dan {n} kali sebelum itu."),
    ("Nobody takes care of it.", "Belum ada yang menanganinya."),
    ("It ends when {what:said}.", "Berakhir bila {what}."),
    ("the device answers again", "perangkatnya menjawab lagi"),
    (
        "the device answers again, or one of the devices before it does",
        "perangkatnya menjawab lagi, atau salah satu perangkat di depannya",
    ),
    (
        "the device loses no packets and answers by all that it is asked by",
        "perangkatnya tidak kehilangan paket dan menjawab semua cara bertanya",
    ),
    ("the device stays as it is for a while", "perangkatnya bertahan seperti adanya untuk sementara"),
    ("the time has passed for which the rule tells of a reboot", "waktu pemberitaan reboot menurut aturannya habis"),
    ("the round-trip delay is down again", "waktu pulang-perginya turun lagi"),
    ("fewer packets are lost", "paket yang hilang berkurang"),
    (
        "the interface is up again, or is switched off (ifAdminStatus)",
        "interface-nya up lagi, atau dimatikan (ifAdminStatus)",
    ),
    ("the interface stays as it is for a while", "interface-nya bertahan seperti adanya untuk sementara"),
    (
        "speed and duplex are as before, or the time has passed for which the rule tells of it",
        "speed dan duplex kembali seperti semula, atau waktu pemberitaannya menurut aturan habis",
    ),
    ("the interface carries less", "beban interface-nya berkurang"),
    ("the interface has fewer errors", "error interface-nya berkurang"),
    ("the interface discards less", "discard interface-nya berkurang"),
    (
        "the month's 95th percentile is below the committed rate, or a new month begins",
        "persentil ke-95 bulan ini di bawah komitmen, atau bulan baru dimulai",
    ),
    ("the agent is heard of again, or is revoked", "agennya terdengar lagi, atau dicabut"),
    (
        "no second agent with that identity comes for 20 minutes, or the agent is revoked",
        "tidak ada agen kedua dengan identitas itu selama 20 menit, atau agennya dicabut",
    ),
    ("the agent's clock is right again", "jam agennya tepat lagi"),
    ("the hub's disk has more space", "ruang disk hub bertambah"),
)

# Answers to why there is no alert.
ABSENCES: Final[Pairs] = (
    ("it is disabled", "nonaktif"),
    ("it is about something else", "tentang hal lain"),
    ("it is about {what} {chosen} alone; here: {words}", "hanya tentang {what} {chosen}; di sini: {words}"),
    ("nobody can know: {reason:said}", "tidak dapat diketahui: {reason}"),
    (
        "its device is under maintenance {name}: nothing new is alerted",
        "perangkatnya dalam pemeliharaan {name}: tidak ada alert baru",
    ),
    (
        "its device is unreachable, {reason:said}: what keeps it away is alerted instead",
        "perangkatnya tak terjangkau, {reason}: penyebabnyalah yang menjadi alert",
    ),
    (
        "alert {id:number} fires: {reason:said}; it rings nobody: {why:list}",
        "alert {id} aktif: {reason}; tidak berbunyi: {why}",
    ),
    ("alert {id:number} fires: {reason:said}", "alert {id} aktif: {reason}"),
    ("alert {id:number} is pending: {reason:said}; {left:said}", "alert {id} menunggu: {reason}; {left}"),
    ("it fires in {time:span} if that holds on", "aktif dalam {time} bila tetap begitu"),
    ("it waits for news of the device", "menunggu kabar perangkatnya"),
    ("it does not fire during maintenance {name}", "tidak aktif selama pemeliharaan {name}"),
    (
        "{text:said}; it was pending last since {at} and ended before it fired: {reason:said}",
        "{text}; terakhir menunggu sejak {at} dan selesai sebelum aktif: {reason}",
    ),
    (
        "it is down, but did not fall: only what was seen up is alerted ({known:said})",
        "down, tetapi tidak jatuh: hanya yang pernah terlihat up menjadi alert ({known})",
    ),
    ("{text:said}; measured last: {figures}", "{text}; terakhir diukur: {figures}"),
    ("{kind} is not met: {known:said}", "{kind} tidak terpenuhi: {known}"),
    ("the device is {status:said}: {reason:said}", "perangkatnya {status}: {reason}"),
    (
        "ifAdminStatus {admin}, ifOperStatus {oper}; {known:said}",
        "ifAdminStatus {admin}, ifOperStatus {oper}; {known}",
    ),
    ("silence {id:number} ({comment})", "pembisuan {id} ({comment})"),
)

STEPS: Final[Pairs] = (
    (
        "its rule is of severity {after:said} now, it was {before:said}",
        "tingkat aturannya sekarang {after}, sebelumnya {before}",
    ),
    (
        "found later, from the agent's backlog: nobody was notified",
        "diketahui belakangan, dari tunggakan agen: tidak ada yang diberi tahu",
    ),
    ("{name} takes care of it", "{name} menanganinya"),
    ("the time of its acknowledgement has passed", "masa penanganannya habis"),
    ("{name} took the acknowledgement back", "{name} membatalkan penanganan"),
    ("assigned to {name}", "ditugaskan kepada {name}"),
    ("{name} may not take care of alerts any more", "{name} tidak boleh menangani alert lagi"),
    ("taken from {name}", "diambil dari {name}"),
    ("silence {id:number} does not hold any more", "pembisuan {id} tidak berlaku lagi"),
    ("silence {id:number}: {comment}", "pembisuan {id}: {comment}"),
    ("no more: {what:said}", "tidak lagi: {what}"),
    ("no part of incident {id:number} any more", "bukan bagian insiden {id} lagi"),
    ("part of incident {id:number}: {title:said}", "bagian insiden {id}: {title}"),
)

# An alert in one sentence. First: what its reason ends with could be read as the end of a reason alone.
SUMMARY: Final[Pairs] = (("{title:said} ({severity:severity}): {reason:said}.", "{title} ({severity}): {reason}."),)

# What is read in parts when it is nothing whole.
COMPOSED: Final[Pairs] = (
    ("{a:said}; {b:said}", "{a}; {b}"),
    ("{a:said}: {b:said}", "{a}: {b}"),
)

SENTENCES: Final[Pairs] = (
    *SUMMARY,
    *WORDS,
    *STATES,
    *REASONS,
    *EXPLANATIONS,
    *ABSENCES,
    *STEPS,
    *LINKS,
    *TELLING,
    *ADVICE,
    *FAILURES,
    *COMMANDS,
    *SYSTEM,
    *OUTCOMES,
    *INPUTS,
    *REFUSALS,
    *OBJECTS,
    *TITLES,
    *COMPOSED,
)
UNITS: Final = {"d": "hari", "h": "jam", "min": "mnt", "s": "dtk"}
INDONESIAN: Final = translator(SENTENCES, UNITS)
