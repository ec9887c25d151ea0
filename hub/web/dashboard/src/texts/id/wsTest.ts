// Halaman untuk mengamati soket.

import type { en } from "../en";
import type { Spoken } from "../spoken";

export const wsTest = {
  heading: "Uji WebSocket",
  lead: "Sambungkan seperti klien mana pun, lihat yang datang, masuk ke room, dan kirim event uji.",
  back: "Ke dasbor",
  connection: "Sambungan",
  connectAs: (name: string) => `Sambungkan sebagai ${name}`,
  connectAnonymously: "Sambungkan secara anonim",
  connectWithToken: "Sambungkan dengan token ini",
  token: "Token akses",
  disconnect: "Putuskan",
  transport: (name: string) => `lewat ${name}`,
  ping: "Ping",
  roundTrip: (time: string) => `${time} pulang-pergi`,
  noAnswer: "Tidak ada jawaban",
  rooms: "Room",
  roomsHelp: "Tanpa memanggil pun Anda ada di room peran Anda. Room seperti device:1 atau site:2 dimasuki di sini.",
  room: "Room",
  join: "Masuk",
  leave: "Keluar",
  send: "Kirim event uji",
  sendHelp: "Sampai ke setiap klien yang boleh melihatnya, ditandai sebagai uji, dan tidak mengubah status apa pun.",
  sendNot: "Masuk ke dasbor sebagai administrator untuk mengirim event uji.",
  arrived: "Yang datang",
  nothing: "Belum ada yang datang. Sambungkan, dan setiap event tercantum di sini begitu datang.",
  pause: "Jeda",
  goOn: (n: number) => (n === 0 ? "Lanjut" : `Lanjut, ${n.toLocaleString("id-ID")} baru`),
  clear: "Bersihkan",
} satisfies Spoken<typeof en.wsTest>;
