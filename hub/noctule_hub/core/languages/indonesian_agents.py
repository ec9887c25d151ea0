"""What went wrong with a question or an order that an agent was given, in Indonesian; see `indonesian_advice`."""

from typing import Final

from noctule_hub.core.languages.indonesian import Pairs

# What went wrong with one question, as in "3 polls failed: timeout".
FAILURES: Final[Pairs] = (
    ("timeout", "tidak ada jawaban"),
    ("port-closed", "port tertutup"),
    ("wrong-credentials", "kredensial ditolak"),
    ("no-such-host", "nama host tidak dapat di-resolve"),
    ("no-permission", "server agen tidak boleh mengirim ke sana"),
    ("bad-response", "jawabannya tidak masuk akal"),
    ("no answer within {n:number} s", "tidak ada jawaban dalam {n} dtk"),
    ("UDP port {port:number} is closed", "port UDP {port} tertutup"),
    ("the UDP port is closed", "port UDP tertutup"),
    (
        "this machine may not send to UDP port {port:number} there",
        "server agen tidak boleh mengirim ke port UDP {port} di sana",
    ),
    (
        "this machine may not send there (a local firewall?): {why:said}",
        "server agen tidak boleh mengirim ke sana (firewall lokal?): {why}",
    ),
    ("this machine cannot send to {address}", "server agen tidak dapat mengirim ke {address}"),
    ("cannot send: {why:said}", "tidak dapat mengirim: {why}"),
    (
        "the device speaks SNMPv3 but drops these messages: privacy protocol or secret are wrong",
        "perangkat mendukung SNMPv3 tetapi membuang pesan ini: protokol atau kata sandi enkripsinya salah",
    ),
    (
        "the device refuses the v3 user, its secrets or its security level",
        "perangkat menolak user v3, kata sandinya, atau tingkat keamanannya",
    ),
    ("the device refuses the credentials: {why}", "perangkat menolak kredensial: {why}"),
    ("the device refuses these credentials: {why}", "perangkat menolak kredensial ini: {why}"),
    ("the device reports: {what}", "perangkat melaporkan: {what}"),
    ("not an SNMP answer: {what}", "bukan jawaban SNMP: {what}"),
    ("error answer to a request of {n:number} names", "perangkat menjawab error atas permintaan {n} nama"),
    (
        "error answer {status} to a request of {n:number} names",
        "perangkat menjawab error {status} atas permintaan {n} nama",
    ),
    (
        "an answer lacked {n:number} of {total:number} names that exist",
        "jawaban tidak memuat {n} dari {total} nama yang ada",
    ),
    ("more than {n:number} rows under {oid}", "lebih dari {n} baris di bawah {oid}"),
    ("the name {name} does not resolve ({why:said}): check it", "nama {name} tidak dapat di-resolve ({why}): periksa"),
    ("ICMP is switched off or not permitted", "ICMP dimatikan atau tidak diizinkan"),
    ("no permission to send ICMP echoes: {grants}", "tidak ada izin mengirim ICMP echo: {grants}"),
)

# What the kernel and the resolver of the agent's machine say; not in the code.
SYSTEM: Final[Pairs] = (
    ("Network is unreachable", "jaringan tidak terjangkau"),
    ("No route to host", "tidak ada route ke host"),
    ("Operation not permitted", "operasi tidak diizinkan"),
    ("Permission denied", "izin ditolak"),
    ("Name or service not known", "nama tidak dikenal"),
    ("No address associated with hostname", "nama itu tidak punya alamat"),
    ("Temporary failure in name resolution", "resolver sedang gagal"),
)

# Why an agent did not do what was asked.
COMMANDS: Final[Pairs] = (
    ("it gave no reason", "sebabnya tidak disebut"),
    ("the device's agent is not connected", "agen perangkat ini tidak tersambung"),
    ("the agent did not answer within {n:number} s", "agen tidak menjawab dalam {n} dtk"),
    (
        "the agent's answer is not understood; upgrade the older of agent and hub",
        "jawaban agen tidak dipahami; perbarui yang lebih lama di antara agen dan hub",
    ),
    ("{n:number} commands wait for this agent already", "sudah {n} perintah menunggu agen ini"),
    ("{n:number} commands run already; try again shortly", "sudah {n} perintah berjalan; coba lagi sebentar lagi"),
    (
        "{n:number} commands came shortly before; try again later",
        "baru saja datang {n} perintah; coba lagi nanti",
    ),
    ("{n:number} devices of this agent are in focus already", "sudah {n} perangkat agen ini dipantau dari dekat"),
    ("it was not done within {n:number} s", "tidak selesai dalam {n} dtk"),
    ("it came {n:number} s after its deadline", "datang {n} dtk setelah batas waktunya"),
    ("fault in the agent: {error}", "galat di agen: {error}"),
    ("device {id:number} is not in this agent's list", "perangkat {id} tidak ada dalam daftar agen ini"),
    ("device {id:number} has no SNMP credentials", "perangkat {id} tidak punya kredensial SNMP"),
    (
        "tracing routes needs CAP_NET_RAW on the agent's machine; see: noctule-agent doctor",
        "traceroute memerlukan CAP_NET_RAW di server agen; lihat: noctule-agent doctor",
    ),
    (
        "several routes are being traced already; try again shortly",
        "beberapa traceroute sedang berjalan; coba lagi sebentar lagi",
    ),
    (
        "stored credentials are sent to no other address; give those to try",
        "kredensial tersimpan tidak dikirim ke alamat lain; isi kredensial yang akan dicoba",
    ),
    (
        "without ICMP only SNMP can find devices: name credentials",
        "tanpa ICMP, perangkat hanya dapat ditemukan lewat SNMP: isi kredensial",
    ),
    ("networks of one link (with %) cannot be swept", "jaringan satu link (dengan %) tidak dapat dicari"),
    (
        "{what} is outside allowed_networks in agent.toml of this agent's machine; add it there and restart it",
        "{what} di luar allowed_networks dalam agent.toml di server agen ini; tambahkan di sana, lalu restart agennya",
    ),
    (
        "{address} needs IPv{version:number}, which this machine does not have",
        "{address} memerlukan IPv{version}, yang tidak ada di server agen",
    ),
    ("{device} is not polled by SNMP", "{device} tidak dipantau lewat SNMP"),
    (
        "{text} is not a network; write it like 192.0.2.0/24",
        "{text} bukan alamat jaringan; tulis seperti 192.0.2.0/24",
    ),
    (
        "{network} has more than {n:number} addresses; sweep it in parts of /{size:number} or smaller",
        "{network} berisi lebih dari {n} alamat; cari per bagian sebesar /{size} atau lebih kecil",
    ),
    ("{network} holds no addresses of devices", "{network} tidak memuat alamat perangkat"),
    (
        "{text} names a host in {network}; write the network",
        "{text} adalah host dalam {network}; tulis alamat jaringannya",
    ),
)
