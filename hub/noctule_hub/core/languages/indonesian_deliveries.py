"""What became of messages on channels, in Indonesian, beside the English that is kept and sent (`translation`).

What a receiver or the system says in parentheses is theirs and stays as it is.
"""

from typing import Final

from noctule_hub.core.languages.indonesian import Pairs

OUTCOMES: Final[Pairs] = (
    (
        "the policy's template failed ({why}); the built-in words were sent",
        "templat kebijakannya gagal ({why}); yang dikirim kata-kata bawaan",
    ),
    (
        "{host} answered {status:number}; redirects are not followed: give the final address",
        "{host} menjawab {status}; pengalihan tidak diikuti: isi alamat akhirnya",
    ),
    ("{host} answered {status:number}", "{host} menjawab {status}"),
    ("{host} did not answer within {n:number} s", "{host} tidak menjawab dalam {n} dtk"),
    ("the service took longer than {n:number} s", "layanannya perlu lebih dari {n} dtk"),
    ("{host} took longer than {n:number} s", "{host} perlu lebih dari {n} dtk"),
    ("{host} cannot be reached or broke off ({error})", "{host} tidak terjangkau atau memutus koneksi ({error})"),
    ("{host} cannot be reached ({error})", "{host} tidak terjangkau ({error})"),
    ("{host} cannot be resolved", "nama {host} tidak ditemukan"),
    ("{host} was not resolved within {n:number} s", "nama {host} tidak ditemukan dalam {n} dtk"),
    ("the certificate of {host} is not valid for it", "sertifikat {host} tidak berlaku untuknya"),
    (
        "{host} refused the sign-in ({code:number}); check username and password",
        "{host} menolak login ({code}); periksa nama pengguna dan kata sandi",
    ),
    ("{host} refused all recipients ({answer})", "{host} menolak semua penerima ({answer})"),
    (
        "{host} took it for {n:number} of {total:number} recipients",
        "{host} menerimanya untuk {n} dari {total} penerima",
    ),
    ("the service took it ({answer})", "layanannya menerima ({answer})"),
    ("the service did not take it: {why}", "layanannya tidak menerima: {why}"),
    ("the service could not be asked ({error})", "layanannya tidak dapat dihubungi ({error})"),
    ("sending failed ({error})", "pengiriman gagal ({error})"),
    ("the channel was disabled", "kanalnya dinonaktifkan"),
    ("its problem was never delivered", "gangguannya sendiri tidak pernah terkirim"),
    ("more than {n:number} were waiting", "lebih dari {n} menunggu"),
)
