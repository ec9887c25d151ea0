"""Why a device does not answer and what to try next, as its agent says it, in Indonesian (`translation`).

Agents say it in English, whatever their version; what another version says in other words stays as it is.
"""

from typing import Final

from noctule_hub.core.languages.indonesian import Pairs

# What stands around what an agent says. First: their parts could be read as more than they are.
TELLING: Final[Pairs] = (
    ("the agent says: {why:said}", "agen menjawab: {why}"),
    ("the agent refused: {why:said}", "agen menolak: {why}"),
    ("SNMP: {detail:said}.", "SNMP: {detail}."),
    (
        "{detail:said}. Check user, protocols and secrets on both sides.",
        "{detail}. Periksa user, protokol, dan kata sandinya di kedua sisi.",
    ),
)

# Why a device does not answer and what to try next, as `noctule-agent probe` says it too.
ADVICE: Final[Pairs] = (
    (
        (
            "The name {name} does not resolve on the machine of the agent, which asks its own resolver, not yours. "
            "Check the spelling, see there: getent hosts {host}; or use the device's address in place of its name."
        ),
        (
            "Nama {name} tidak dapat di-resolve di server agen, yang memakai resolver-nya sendiri, bukan "
            "resolver Anda. Periksa ejaannya, lihat di sana: getent hosts {host}; "
            "atau isi alamat IP perangkat sebagai ganti namanya."
        ),
    ),
    (
        (
            "This machine may not send echoes there ({why:said}): its own firewall or a prohibiting route forbids it. "
            "See: nft list ruleset; ip route get {address}"
        ),
        (
            "Server agen tidak boleh mengirim ping ke sana ({why}): dilarang firewall-nya sendiri atau route prohibit. "
            "Lihat: nft list ruleset; ip route get {address}"
        ),
    ),
    (
        "This machine knows no way there ({why:said}). See: ip route get {address}",
        "Server agen tidak punya route ke sana ({why}). Lihat: ip route get {address}",
    ),
    (
        (
            "The host is there, but no echo comes back: a firewall on the way or on the device filters ICMP. "
            "Permit echo requests and replies, or have this device judged by SNMP alone."
        ),
        (
            "Host-nya ada, tetapi ping tidak kembali: firewall di jalur atau di perangkat menyaring ICMP. "
            "Izinkan echo request dan echo reply, atau nilai perangkat ini lewat SNMP saja."
        ),
    ),
    (
        "No echo came back: the device is off, there is no route to it or back, or a firewall drops ICMP.",
        "Ping tidak kembali: perangkat mati, tidak ada route pergi atau pulang, atau firewall membuang ICMP.",
    ),
    (
        (
            "The host answers that UDP port {port:number} is closed: no SNMP agent listens there. "
            "Enable SNMP on the device, or enter the port on which it listens."
        ),
        (
            "Host menjawab bahwa port UDP {port} tertutup: tidak ada SNMP agent di sana. "
            "Aktifkan SNMP di perangkat, atau isi port yang dipakainya."
        ),
    ),
    (
        (
            "This machine may not send to UDP port {port:number} there: its own firewall or a prohibiting route "
            "forbids it. See: nft list ruleset; ip route get {address}"
        ),
        (
            "Server agen tidak boleh mengirim ke port UDP {port} di sana: dilarang firewall-nya sendiri atau route "
            "prohibit. Lihat: nft list ruleset; ip route get {address}"
        ),
    ),
    (
        (
            "The device is asked at {address} but answers from {source}: set the source address of its SNMP answers, "
            "monitor it at that address, or use --backend auto."
        ),
        (
            "Perangkat ditanyai di {address} tetapi menjawab dari {source}: atur alamat sumber jawaban SNMP-nya, "
            "pantau di alamat itu, atau pakai --backend auto."
        ),
    ),
    (
        (
            "The device does not answer SNMP version {version}, but it does answer version {other} with the same "
            "community: use that version."
        ),
        (
            "Perangkat tidak menjawab SNMP versi {version}, tetapi menjawab versi {other} dengan community yang sama: "
            "pakai versi itu."
        ),
    ),
    (
        (
            "An SNMP agent listens there but does not answer this request: the community is wrong, this version is "
            "switched off, or the device allows SNMP only from other addresses than this machine's. It does speak "
            "SNMPv3: try version 3."
        ),
        (
            "Ada SNMP agent di sana, tetapi tidak menjawab permintaan ini: community salah, versi ini dimatikan, atau "
            "perangkat tidak mengizinkan SNMP dari alamat server agen. Perangkat mendukung SNMPv3: coba versi 3."
        ),
    ),
    (
        "The host is there, but a firewall rejects what is sent to its UDP port {port:number}.",
        "Host-nya ada, tetapi firewall menolak yang dikirim ke port UDP {port}.",
    ),
    (
        (
            "This machine or a router on the way reports that there is no way to this host: it is off or not on that "
            "link, a route is missing, or a firewall prohibits it. See: ip route get {address}"
        ),
        (
            "Server agen atau router di jalur melaporkan bahwa host ini tidak terjangkau: host mati atau tidak ada di "
            "link itu, route tidak ada, atau dilarang firewall. Lihat: ip route get {address}"
        ),
    ),
    (
        "Nothing came back from UDP port {port:number} either. Check the address, power and routes first.",
        "Dari port UDP {port} juga tidak ada jawaban. Periksa dulu alamat, catu daya, dan route-nya.",
    ),
    (
        (
            "The device is there, but UDP port {port:number} stays silent: devices do not answer a wrong community. "
            "Check community and version, the device's list of allowed SNMP managers, and firewalls on the way."
        ),
        (
            "Perangkatnya ada, tetapi port UDP {port} diam: perangkat tidak menjawab community yang salah. "
            "Periksa community dan versi, daftar SNMP manager yang diizinkan perangkat, dan firewall di jalur."
        ),
    ),
    (
        (
            "The device does not know this v3 user. Check its spelling; a device whose engine id changed has forgotten "
            "its users."
        ),
        (
            "Perangkat tidak mengenal user v3 ini. Periksa ejaannya; perangkat yang engine ID-nya berubah kehilangan "
            "user-nya."
        ),
    ),
    (
        "The device knows this v3 user without {what:said}. Leave it out here, or set it up on the device.",
        "Perangkat mengenal user v3 ini tanpa {what}. Kosongkan di sini, atau atur di perangkat.",
    ),
    (
        (
            "The device knows this v3 user but opens nothing to it at this security level: it probably asks for "
            "{lacking:said}. Name that too, or give the user access on the device."
        ),
        (
            "Perangkat mengenal user v3 ini, tetapi tidak membuka apa pun pada tingkat keamanan ini: "
            "mungkin diperlukan {lacking}. Isi itu juga, atau beri user ini akses di perangkat."
        ),
    ),
    (
        "The device knows this v3 user but lets it read nothing. Give it a view on the device.",
        "Perangkat mengenal user v3 ini, tetapi tidak mengizinkannya membaca apa pun. Beri user ini view di perangkat.",
    ),
    (
        "The device takes this v3 user, but not in this context. Leave the context out or check its name.",
        "Perangkat menerima user v3 ini, tetapi tidak dalam context ini. Kosongkan context atau periksa namanya.",
    ),
    (
        "The device takes this {kind}_secret with {protocol}: set {kind}_protocol to {protocol}.",
        "Perangkat menerima {kind}_secret ini dengan {protocol}: atur {kind}_protocol ke {protocol}.",
    ),
    (
        "The device knows this v3 {known:said}, but {what:said} fails: {kind}_secret is wrong, here or on the device.",
        "Perangkat mengenal {known} v3 ini, tetapi {what} gagal: {kind}_secret salah, di sini atau di perangkat.",
    ),
    ("user and its authentication", "user dan autentikasi"),
    ("authentication and privacy", "autentikasi dan enkripsi"),
    ("authentication", "autentikasi"),
    ("privacy", "enkripsi"),
    (
        (
            "The device answers from {source} and not from {address}, where it is asked; pysnmp accepts that, "
            "but is much slower: set the source address of its SNMP answers, or monitor it at that address."
        ),
        (
            "Perangkat menjawab dari {source}, bukan dari {address} tempat ia ditanyai; pysnmp menerimanya, "
            "tetapi jauh lebih lambat: atur alamat sumber jawaban SNMP-nya, atau pantau di alamat itu."
        ),
    ),
    (
        "The device refuses the gufo backend and accepts pysnmp, which is much slower.",
        "Perangkat menolak backend gufo dan menerima pysnmp, yang jauh lebih lambat.",
    ),
)
