"""What is wrong with a value that somebody entered, in Indonesian; shown beside the field (`translation`)."""

from typing import Final

from noctule_hub.core.languages.indonesian import Pairs

# What is said of a value of another type or size (`api.misfits`), put together there out of these words.
DECODER: Final[Pairs] = (
    ("must be a text of at most {n:number} characters", "paling banyak {n} karakter"),
    ("must be a text of at most {n:number} character", "paling banyak {n} karakter"),
    ("must be a text of at least {n:number} characters", "paling sedikit {n} karakter"),
    ("must be a text of at least {n:number} character", "paling sedikit {n} karakter"),
    ("must be a list of at most {n:number} entries", "paling banyak {n} isian"),
    ("must be a list of at most {n:number} entry", "paling banyak {n} isian"),
    ("must be a list of at least {n:number} entries", "paling sedikit {n} isian"),
    ("must be a list of at least {n:number} entry", "paling sedikit {n} isian"),
    ("must be a whole number of at most {n:number}", "paling besar {n}"),
    ("must be a whole number of at least {n:number}", "paling kecil {n}"),
    ("must be a number of at most {n:number}", "paling besar {n}"),
    ("must be a number of at least {n:number}", "paling kecil {n}"),
    ("must be a number of less than {n:number}", "harus di bawah {n}"),
    ("must be a number of more than {n:number}", "harus di atas {n}"),
    ("Expected `str` matching regex {pattern}", "bentuknya harus {pattern}"),
    ("must be a whole number, not one with a fraction", "harus bilangan bulat, bukan pecahan"),
    ("must be a whole number, not a text", "harus bilangan bulat, bukan teks"),
    ("must be a number, not a text", "harus angka, bukan teks"),
    ("must be a text, not {other}", "harus teks, bukan {other}"),
    ("must be a list, not {other}", "harus daftar, bukan {other}"),
    ("must be an object, not {other}", "harus objek, bukan {other}"),
)

FORM: Final[Pairs] = (
    ("this field is required", "isian ini wajib"),
    ("must be one of: {words}", "harus salah satu dari: {words}"),
    ("must have 1 to {n:number} characters", "harus 1 sampai {n} karakter"),
    ("at most {n:number} characters", "paling banyak {n} karakter"),
    ("at most {n:number} of them", "paling banyak {n}"),
    (
        "must hold no control characters, line ends or marks that turn the writing direction",
        "tidak boleh memuat karakter kontrol, ganti baris, atau tanda pembalik arah tulisan",
    ),
    (
        "must hold no control characters or marks that turn the writing direction",
        "tidak boleh memuat karakter kontrol atau tanda pembalik arah tulisan",
    ),
    ("must hold no control characters but ends of lines", "tidak boleh memuat karakter kontrol selain ganti baris"),
    ("must hold no control characters", "tidak boleh memuat karakter kontrol"),
    (
        "must not be empty and hold no control characters",
        "tidak boleh kosong dan tidak boleh memuat karakter kontrol",
    ),
    (
        "is no time zone that this hub knows; use one such as Europe/Zurich, or UTC",
        "bukan zona waktu yang dikenal hub ini; pakai misalnya Asia/Jakarta, atau UTC",
    ),
    (
        "must have 1 to {n:number} letters, digits or . _ : / - and begin with a letter or digit",
        "harus 1 sampai {n} huruf, angka, atau . _ : / - dan diawali huruf atau angka",
    ),
    (
        "must have 1 to 64 letters, digits or . _ @ + - and begin with a letter or digit",
        "harus 1 sampai 64 huruf, angka, atau . _ @ + - dan diawali huruf atau angka",
    ),
    ("is not your password", "bukan kata sandi Anda"),
    ("shorter than {n:number} characters; take a longer one", "kurang dari {n} karakter; pilih yang lebih panjang"),
    ("longer than {n:number} bytes; take a shorter one", "lebih dari {n} byte; pilih yang lebih pendek"),
    ("contains a zero byte; take another one", "memuat byte nol; pilih yang lain"),
    ("belongs to role customer, which needs it", "milik peran pelanggan, yang memerlukannya"),
    ("holds no word to look for; give letters or digits", "tidak memuat kata untuk dicari; isi huruf atau angka"),
    ("at most {n:number} words and phrases", "paling banyak {n} kata dan frasa"),
    ("say why, for colleagues", "sebutkan alasannya, untuk rekan"),
)

TIMES: Final[Pairs] = (
    (
        "{text} is not an ISO 8601 time such as 2026-11-22T03:12:00Z",
        "{text} bukan waktu ISO 8601 seperti 2026-11-22T03:12:00Z",
    ),
    ("has passed already", "sudah lewat"),
    ("is over already", "sudah lewat"),
    ("must be after startsAt", "harus setelah waktu mulai"),
    ("must be at most 90 days after startsAt", "paling lama 90 hari setelah waktu mulai"),
    ("must be at most 366 days after startsAt", "paling lama 366 hari setelah waktu mulai"),
    ("must be within 90 days", "harus dalam 90 hari ke depan"),
    ("must be within ten years", "harus dalam sepuluh tahun ke depan"),
    ("must be before to", "harus sebelum waktu akhir"),
    ("must not be before firstDate", "tidak boleh sebelum hari pertama"),
    ("must lie between 1970 and {year:number}", "harus antara 1970 dan {year}"),
    ("none of them lies between firstDate and lastDate", "tidak satu pun jatuh antara hari pertama dan hari terakhir"),
    ("at most {n:number} days at once; ask in parts", "paling lama {n} hari sekaligus; minta per bagian"),
    (
        "must be after 1970 and at most a day ahead of the hub's clock",
        "harus setelah 1970 dan paling lama sehari di depan jam hub",
    ),
    ("say when: give once or recurring", "sebutkan waktunya: satu kali atau berulang"),
)

DEVICES: Final[Pairs] = (
    (
        "must be an IP address or a host name, without port, scheme or blanks",
        "harus alamat IP atau nama host, tanpa port, skema, atau spasi",
    ),
    (
        "looks like an IPv4 address but is not one; it needs four numbers from 0 to 255",
        "mirip alamat IPv4 tetapi bukan; perlu empat angka dari 0 sampai 255",
    ),
    ("{address} is no single device's address", "{address} bukan alamat satu perangkat"),
    (
        (
            "{n:number} packets {spacing:number} s apart and a timeout of {timeout:number} s take {length:number} s, "
            "more than the interval of {interval:number} s; lower spacingS, timeoutS or count, or raise intervalS"
        ),
        (
            "{n} paket berjarak {spacing} dtk dengan timeout {timeout} dtk memakan {length} dtk, lebih dari interval "
            "{interval} dtk; kurangi jarak, timeout, atau jumlah paket, atau perpanjang interval"
        ),
    ),
    (
        (
            "{clear:number} must be below degradedLossRatio, {degraded:number}, or the device would never settle; "
            "lower clearLossRatio or raise degradedLossRatio"
        ),
        (
            "{clear} harus di bawah degradedLossRatio, {degraded}, agar perangkat dapat pulih; turunkan clearLossRatio "
            "atau naikkan degradedLossRatio"
        ),
    ),
    (
        "reachability {way} needs ICMP; give icmp or set reachability snmp",
        "penilaian {way} memerlukan ICMP; aktifkan ping atau nilai lewat SNMP",
    ),
    (
        "reachability {way} needs SNMP; give snmp or set reachability icmp",
        "penilaian {way} memerlukan SNMP; aktifkan SNMP atau nilai lewat ping",
    ),
    (
        "belongs to version 3, not {version}; give a community or set version 3",
        "hanya untuk versi 3, bukan {version}; isi community atau pilih versi 3",
    ),
    (
        "version 3 has no community; give v3 with a user instead",
        "versi 3 tanpa community; isi user v3",
    ),
    ("version 3 needs a user", "versi 3 memerlukan user"),
    ("version {version} needs a community", "versi {version} memerlukan community"),
    ("privacy needs authentication too (RFC 3414)", "enkripsi memerlukan autentikasi juga (RFC 3414)"),
    ("{which}Protocol needs its secret", "{which}Protocol memerlukan kata sandinya"),
    ("{which}Secret needs its protocol", "{which}Secret memerlukan protokolnya"),
    ("must have at least {n:number} characters (RFC 3414)", "paling sedikit {n} karakter (RFC 3414)"),
    (
        "must be a printable glob such as eth* or Gi1/0/[1-4]",
        "harus pola yang dapat dicetak, misalnya eth* atau Gi1/0/[1-4]",
    ),
    (
        "it is not pinged; edit this device alone to begin with that",
        "perangkat ini tidak di-ping; ubah satu per satu untuk memulainya",
    ),
    (
        "it is not polled by SNMP; edit this device alone to begin with that",
        "perangkat ini tidak dipantau lewat SNMP; ubah satu per satu untuk memulainya",
    ),
    ("device {id:number}, {name}, is this one", "perangkat {id}, {name}, adalah ini"),
    ("changes {fields}", "mengubah {fields}"),
    ("a row before it is the same device, {name}", "baris sebelumnya adalah perangkat yang sama, {name}"),
    (
        "{name} is the name of several devices, none of them at {site}",
        "{name} adalah nama beberapa perangkat, tidak satu pun di {site}",
    ),
    (
        "this row stands behind itself, by way of other rows",
        "baris ini berada di belakang dirinya sendiri, lewat baris lain",
    ),
)

ALERTING: Final[Pairs] = (
    (
        "use up to {n:number} small letters, digits and single hyphens, such as core-down",
        "pakai paling banyak {n} huruf kecil, angka, dan tanda hubung tunggal, misalnya core-down",
    ),
    (
        "stays {kind}; for another kind of condition add another rule",
        "tetap {kind}; untuk kondisi lain, tambahkan aturan lain",
    ),
    (
        "this condition is about agents, of which no customer is told",
        "kondisi ini tentang agen; pelanggan tidak diberi tahu tentang agen",
    ),
    (
        "this condition is about agents; select them by siteIds and names",
        "kondisi ini tentang agen; pilih menurut site dan nama",
    ),
    (
        "this condition is about devices, not about their interfaces",
        "kondisi ini tentang perangkat, bukan interface-nya",
    ),
    ("belongs together with {field}: give both, or none", "berpasangan dengan {field}: isi keduanya, atau kosongkan"),
    ("must not lie above {field}", "tidak boleh di atas {field}"),
    (
        "cannot be tried: what it goes by is not kept; see docs/alerts.md",
        "tidak dapat dicoba: data yang dipakainya tidak disimpan; lihat docs/alerts.md",
    ),
    ("say which alerts: at least one of {known}", "sebutkan alert yang mana: paling sedikit satu dari {known}"),
    (
        "say what is covered: at least one of deviceIds, siteIds and tags",
        "sebutkan yang dicakup: paling sedikit satu perangkat, site, atau tag",
    ),
    (
        "two steps are at the same time; name the channels of both in one",
        "dua langkah pada waktu yang sama; sebutkan kanal keduanya dalam satu langkah",
    ),
    (
        "nothing comes of it for an alert such as {title}: name another fact",
        "tidak menghasilkan apa pun untuk alert seperti {title}: sebutkan fakta lain",
    ),
    (
        "{brace} at character {n:number} stands alone; write it twice to mean it",
        "{brace} pada karakter {n} berdiri sendiri; tulis dua kali bila memang itu maksudnya",
    ),
    ("{name} is not known; {hint:said}", "{name} tidak dikenal; {hint}"),
    ("did you mean {close}?", "maksudnya {close}?"),
    ("use one of {names}", "pakai salah satu dari {names}"),
    ("the title is empty", "judulnya kosong"),
    ("the text is empty", "teksnya kosong"),
    ("say what it stands for: devices, sites or tags", "sebutkan yang diwakilinya: perangkat, site, atau tag"),
)

CHANNELS: Final[Pairs] = (
    (
        "must be a URL such as https://hooks.example.net/noctule, of http or https",
        "harus URL http atau https, misalnya https://hooks.example.net/noctule",
    ),
    (
        "must hold no user and password; the receiver knows us by the signature",
        "tidak boleh memuat nama pengguna dan kata sandi; penerima mengenali hub dari tanda tangannya",
    ),
    ("names no host that can be asked", "tidak menyebut host yang dapat dihubungi"),
    ("must have {n:number} printable characters at least", "paling sedikit {n} karakter yang dapat dicetak"),
    (
        "must be a name or an address, such as mail.example.net",
        "harus nama atau alamat, misalnya mail.example.net",
    ),
    (
        "must be plain mail addresses, such as noc@example.net",
        "harus alamat surel biasa, misalnya noc@example.net",
    ),
    ("is required with a username", "wajib bila nama pengguna diisi"),
    ("is required with a password", "wajib bila kata sandi diisi"),
    (
        "give it again with another host, port, security or username",
        "isi lagi karena server, port, pengamanan, atau nama penggunanya berganti",
    ),
    (
        "a password is never sent in the clear; use starttls or tls",
        "kata sandi tidak pernah dikirim tanpa enkripsi; pakai starttls atau tls",
    ),
    (
        "must be a URL of Apprise, such as ntfys://host/topic; it is not repeated here",
        "harus URL Apprise, misalnya ntfys://host/topic; isinya tidak diulang di sini",
    ),
    (
        "is of a service that is not allowed here; docs/notifications.md lists those that are",
        "layanan itu tidak diizinkan di sini; docs/notifications.md mencantumkan yang diizinkan",
    ),
    (
        "must not set verify, redirect, or files to read; remove these parameters",
        "tidak boleh mengatur verify, redirect, atau berkas untuk dibaca; hapus parameter itu",
    ),
    (
        "must be an address such as https://noctule.example.net, without sign-in or query",
        "harus alamat seperti https://noctule.example.net, tanpa nama pengguna atau query",
    ),
    ("amount and currency go together", "jumlah dan mata uang harus diisi bersama"),
    ("{text} is no payment's id", "{text} bukan nomor pembayaran"),
)

INPUTS: Final[Pairs] = (*FORM, *TIMES, *DEVICES, *ALERTING, *CHANNELS, *DECODER)
