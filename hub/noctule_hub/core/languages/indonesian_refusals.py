"""Why the hub did not do what was asked, in Indonesian, beside the English that programs are answered (`translation`).

What is wrong with a value that somebody entered is in `indonesian_inputs`. What only programs can ask for stays
English: the tests of languages name it.
"""

from typing import Final

from noctule_hub.core.languages.indonesian import Pairs

# What is asked for is not there, or not any more.
ABSENT: Final[Pairs] = (
    (
        "there is no device {name}, neither at the hub nor in this import",
        "tidak ada perangkat {name}, baik di hub maupun dalam impor ini",
    ),
    (
        "there is no site {name}; known: {known}. Add one with: noctule site add NAME",
        "tidak ada site {name}; yang dikenal: {known}. Tambahkan dengan: noctule site add NAME",
    ),
    (
        "there is no site {name}; add it with: noctule site add NAME",
        "tidak ada site {name}; tambahkan dengan: noctule site add NAME",
    ),
    ("there is no agent {name}; see: noctule agent list", "tidak ada agen {name}; lihat: noctule agent list"),
    ("there is no active agent {id}", "tidak ada agen aktif {id}"),
    (
        "there is no component {id:number}; leave the id of a new one out",
        "tidak ada komponen {id}; komponen baru tanpa id",
    ),
    ("there is no such field here; remove it", "isian itu tidak ada di sini; hapus"),
    ("there is no agent {id}", "tidak ada agen {id}"),
    ("there is no alert {id}", "tidak ada alert {id}"),
    ("there is no customer {id}", "tidak ada pelanggan {id}"),
    ("there is no delivery {id}", "tidak ada pengiriman {id}"),
    ("there is no device {id}", "tidak ada perangkat {id}"),
    ("there is no incident {id}", "tidak ada insiden {id}"),
    ("there is no interface {id}", "tidak ada interface {id}"),
    ("there is no maintenance window {id}", "tidak ada jadwal pemeliharaan {id}"),
    ("there is no notification channel {id}", "tidak ada kanal {id}"),
    ("there is no notification policy {id}", "tidak ada kebijakan {id}"),
    ("there is no payment {id}", "tidak ada pembayaran {id}"),
    ("there is no rule {id}", "tidak ada aturan {id}"),
    ("there is no service {id}", "tidak ada layanan {id}"),
    ("there is no session {id} of yours", "Anda tidak punya sesi {id}"),
    ("there is no silence {id}", "tidak ada pembisuan {id}"),
    ("there is no site {id}", "tidak ada site {id}"),
    ("there is no token {id}", "tidak ada token {id}"),
    ("there is no user {id}", "tidak ada pengguna {id}"),
    ("there is nothing at {path}", "tidak ada apa pun di {path}"),
    ("customer {id:number} has no service {service:number}", "pelanggan {id} tidak punya layanan {service}"),
    ("device {id:number} has no interface {interface:number}", "perangkat {id} tidak punya interface {interface}"),
    ("the service has no interface {id:number}", "layanan itu tidak punya interface {id}"),
    ("{device} has no interface {id:number}", "{device} tidak punya interface {id}"),
    ("your user belongs to no customer any more", "pengguna Anda tidak terhubung lagi dengan pelanggan mana pun"),
    (
        "no agent polls {device}; add an agent to its site first",
        "{device} tidak dipantau agen mana pun; daftarkan dulu agen di site-nya",
    ),
    ("no agent polls {device}", "{device} tidak dipantau agen mana pun"),
)

# A name or an address is somebody else's already.
TAKEN: Final[Pairs] = (
    (
        "there is a customer named {name} already; choose another name",
        "sudah ada pelanggan bernama {name}; pilih nama lain",
    ),
    ("there is a site named {name} already; choose another name", "sudah ada site bernama {name}; pilih nama lain"),
    (
        "there is a user named {name} already; choose another name",
        "sudah ada pengguna bernama {name}; pilih nama lain",
    ),
    (
        "there is a token named {name} already; choose another name or revoke it",
        "sudah ada token bernama {name}; pilih nama lain atau cabut token itu",
    ),
    (
        "there is an agent named {name} already; choose another name or revoke it",
        "sudah ada agen bernama {name}; pilih nama lain atau cabut agen itu",
    ),
    ("there is a notification channel of this name already", "sudah ada kanal dengan nama ini"),
    ("there is a notification policy of this name already", "sudah ada kebijakan dengan nama ini"),
    ("there is a rule {name} already", "sudah ada aturan {name}"),
    (
        "its site has a device named {name} already; choose another name",
        "di site itu sudah ada perangkat bernama {name}; pilih nama lain",
    ),
    (
        "the device {name} is polled at {address} already; change that one instead",
        "perangkat {name} sudah dipantau di {address}; ubah perangkat itu saja",
    ),
    ("a customer has the reference {name} already", "referensi {name} sudah dipakai pelanggan lain"),
    (
        "the customer has a service labelled {label} already; choose another label",
        "pelanggan ini sudah punya layanan berlabel {label}; pilih label lain",
    ),
    (
        "{what:said} is service {id:number} of customer {customer:number} already",
        "{what} sudah menjadi layanan {id} pelanggan {customer}",
    ),
    ("this device", "perangkat ini"),
    ("this interface", "interface ini"),
    (
        "the whole device is service {id:number} of customer {customer:number}",
        "seluruh perangkat ini adalah layanan {id} pelanggan {customer}",
    ),
    (
        "one of its interfaces is service {id:number} of customer {customer:number}; name an interface",
        "salah satu interface-nya adalah layanan {id} pelanggan {customer}; sebutkan interface-nya",
    ),
    (
        "payment {payment} is customer {customer:number}'s",
        "pembayaran {payment} adalah milik pelanggan {customer}",
    ),
)

# What was changed since it was read, by the hub's word for it.
CHANGED: Final[Pairs] = (
    ("the channel", "kanal ini"),
    ("the customer", "pelanggan ini"),
    ("the device", "perangkat ini"),
    ("the layout", "letak peta"),
    ("the maintenance window", "jadwal pemeliharaan ini"),
    ("the notification policy", "kebijakan ini"),
    ("the rule", "aturan ini"),
    ("the service", "layanan ini"),
    ("the settings", "pengaturan"),
    ("the silence", "pembisuan ini"),
    ("the site", "site ini"),
    ("the status page", "halaman status"),
)

# Something is used, has an end, or was changed by somebody else.
STANDING: Final[Pairs] = (
    (
        "{what:said} was changed meanwhile (revision {n:number}); read it again first",
        "{what} sudah diubah orang lain (revisi {n}); baca ulang dulu",
    ),
    (
        "somebody else changed this user meanwhile; read it again",
        "pengguna ini sudah diubah orang lain; baca ulang dulu",
    ),
    (
        "{n:number} {what:said} belong to this site; move or remove them first",
        "{n} {what} ada di site ini; pindahkan atau hapus dulu",
    ),
    ("devices", "perangkat"),
    ("agents", "agen"),
    (
        "policies still name this channel: {names}; take it out of them first",
        "kanal ini masih dipakai kebijakan: {names}; keluarkan dulu dari sana",
    ),
    (
        "rules still name this policy: {names}; give them another one first",
        "kebijakan ini masih dipakai aturan: {names}; beri aturan itu kebijakan lain dulu",
    ),
    (
        "this is the policy of all rules that name none; change it instead",
        "ini kebijakan bawaan untuk semua aturan tanpa kebijakan; ubah saja",
    ),
    (
        "this is the last administrator who can sign in; make another one first",
        "ini administrator terakhir yang dapat masuk; buat dulu yang lain",
    ),
    (
        "this alert is resolved; only what is pending or firing can be acknowledged or assigned",
        "alert ini sudah selesai; hanya yang menunggu atau aktif yang dapat ditangani atau ditugaskan",
    ),
    ("this alert is not acknowledged", "alert ini belum ditangani siapa pun"),
    ("this alert is assigned to nobody", "alert ini tidak ditugaskan kepada siapa pun"),
    (
        "is no user who may read alerts: an admin, operator or viewer who is not disabled",
        "bukan pengguna yang boleh membaca alert: administrator, operator, atau pengamat yang tidak dinonaktifkan",
    ),
    (
        "this maintenance window does not run now; change or remove it instead",
        "jadwal pemeliharaan ini tidak sedang berjalan; ubah atau hapus saja",
    ),
    (
        "this silence does not hold now; change or remove it instead",
        "pembisuan ini tidak sedang berlaku; ubah atau hapus saja",
    ),
    ("this delivery is {state}; only dead ones are retried", "pengiriman ini {state}; hanya yang menyerah dicoba lagi"),
    (
        "the delivery's channel is disabled; enable it first",
        "kanal pengiriman ini nonaktif; aktifkan dulu",
    ),
    (
        "the secrets of channel {id:number} were forgotten; give its settings again",
        "rahasia kanal {id} sudah dilupakan; isi lagi pengaturannya",
    ),
    ("token {id:number} is revoked; make a new one", "token {id} sudah dicabut; buat yang baru"),
    (
        "customer {id:number} is {state}; it cannot {step} from there",
        "pelanggan {id} berstatus {state}; {step} tidak mungkin dari situ",
    ),
    (
        "your role may suspend and resume for {reason:said} alone; ask an operator",
        "peran Anda hanya dapat menangguhkan dan mengaktifkan kembali karena {reason}; minta kepada operator",
    ),
    (
        "{names} sign in as this customer; disable or remove them first",
        "{names} masuk atas nama pelanggan ini; nonaktifkan atau hapus dulu",
    ),
    (
        "devices {ids} would stand behind each other in a circle",
        "perangkat {ids} akan saling berada di belakang dalam lingkaran",
    ),
    ("a device that it stands behind is refused", "perangkat di depannya ditolak"),
    ("its filter leaves this alert out", "filternya tidak mencakup alert ini"),
)

# How much there may be, and who may do how much at once.
LIMITS: Final[Pairs] = (
    ("{n:number} notification channels at most; remove one first", "paling banyak {n} kanal; hapus dulu salah satu"),
    (
        "{n:number} notification policies at most; remove one first",
        "paling banyak {n} kebijakan; hapus dulu salah satu",
    ),
    ("{n:number} customers at most; remove one first", "paling banyak {n} pelanggan; hapus dulu salah satu"),
    ("{n:number} rules at most; remove one that is not needed", "paling banyak {n} aturan; hapus yang tidak perlu"),
    ("{n:number} services of one customer at most", "paling banyak {n} layanan untuk satu pelanggan"),
    ("{n:number} services on one device at most", "paling banyak {n} layanan pada satu perangkat"),
    (
        "{n:number} silences at most; remove some that are over",
        "paling banyak {n} pembisuan; hapus yang sudah selesai",
    ),
    (
        "{n:number} maintenance windows at most; remove some that are over",
        "paling banyak {n} jadwal pemeliharaan; hapus yang sudah selesai",
    ),
    ("{n:number} updates of one payment at most", "paling banyak {n} pembaruan untuk satu pembayaran"),
    ("{n:number} devices at most; let one go first", "paling banyak {n} perangkat; lepaskan dulu salah satu"),
    (
        "too many {what} are under way; try again in {n:number} s",
        "terlalu banyak {what} sedang berjalan; coba lagi dalam {n} dtk",
    ),
    ("too many tries; wait {n:number} s and try again", "terlalu banyak percobaan; tunggu {n} dtk lalu coba lagi"),
    ("too many sign-ins at this moment; try again soon", "sedang terlalu banyak yang masuk; coba lagi sebentar lagi"),
    (
        "more than {n:number} requests a minute; wait {wait:number} s, or raise limits.requests_per_minute in hub.toml",
        "lebih dari {n} permintaan per menit; tunggu {wait} dtk, atau naikkan limits.requests_per_minute di hub.toml",
    ),
    ("the body is larger than 1 MB; send less at once", "lebih besar dari 1 MB; kirim lebih sedikit sekaligus"),
    ("over {n:number} events; try fewer days", "lebih dari {n} kejadian; coba dengan hari lebih sedikit"),
    ("another backup is being made; wait for its end", "cadangan lain sedang dibuat; tunggu sampai selesai"),
    (
        "a backup needs {n:number} MiB free in the data folder, there are {free:number}; free some space",
        "cadangan memerlukan {n} MiB kosong di folder data, yang ada {free}; kosongkan ruang dulu",
    ),
)

# Who asks, and the hub's own trouble.
ASKING: Final[Pairs] = (
    (
        "your role {role} may not do this; it needs one of: {roles}",
        "peran Anda ({role}) tidak boleh melakukan ini; diperlukan salah satu dari: {roles}",
    ),
    ("only an admin sees the sessions of others", "hanya administrator yang melihat sesi orang lain"),
    ("only the NOC's staff may look closer at a device", "hanya staf NOC yang boleh memantau perangkat dari dekat"),
    ("user name or password is wrong", "nama pengguna atau kata sandi salah"),
    ("the session is over; sign in again", "sesi sudah berakhir; masuk lagi"),
    (
        "you are no user of this hub and have no password here",
        "Anda bukan pengguna hub ini dan tidak punya kata sandi di sini",
    ),
    (
        "this Origin is not allowed; add it to public_origins in hub.toml",
        "Origin ini tidak diizinkan; tambahkan ke public_origins di hub.toml",
    ),
    (
        "the hub failed at this; its log says more under incident {incident}",
        "hub gagal melakukannya; selengkapnya di log hub, insiden {incident}",
    ),
    ("the hub failed at this; its log says more", "hub gagal melakukannya; selengkapnya di log hub"),
    (
        "the hub's data cannot be read or kept now: {why}",
        "data hub sekarang tidak dapat dibaca atau disimpan: {why}",
    ),
    ("the hub could not answer; try again", "hub tidak dapat menjawab; coba lagi"),
)

REFUSALS: Final[Pairs] = (*ABSENT, *TAKEN, *CHANGED, *STANDING, *LIMITS, *ASKING)
