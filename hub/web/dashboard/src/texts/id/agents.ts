// Agen, dan klien yang mendengarkan.

import type { Spoken } from "../spoken";
import type { en } from "../en";

const angka = (n: number): string => n.toLocaleString("id-ID");
const nama = (names: string[]): string => `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` dan ${names.length - 5} lagi` : ""}`;

export const agents = {
  allThere: (n: number) => (n === 1 ? "Satu-satunya agen tersambung." : `Semua ${angka(n)} agen tersambung.`),
  silent: (names: string[]) => `Diam: ${nama(names)}.`,
  behind: (names: string[]) => `Mengirim tunggakan: ${nama(names)}.`,
  links: { connected: "Tersambung", silent: "Diam", never: "Belum pernah terlihat", revoked: "Dicabut" },
  columns: { link: "Sambungan", name: "Nama", site: "Site", seen: "Terdengar", backlog: "Tunggakan", skew: "Jam", version: "Versi" },
  backlogTitle: "Frame yang belum dikirim",
  skewTitle: "Jamnya dikurangi jam hub, saat tersambung",
  right: "tepat",
  ago: (age: string) => `${age} lalu`,
  sentence: (word: string, age: string | null) => (age === null ? `${word}.` : `${word}; terakhir terdengar ${age} lalu.`),
  facts: { site: "Site", version: "Versi", since: "Terdaftar", backlog: "Belum dikirim" },
  frames: (n: number) => (n === 0 ? "tidak ada" : `${angka(n)} frame`),
  slowest: (n: number) => `Perangkatnya, yang paling lambat dulu (${angka(n)})`,
  gaps: "Yang hilang dalam 30 hari terakhir",
  noGaps: "Tidak ada yang hilang.",
  unknownSamples: "jumlah sampel tidak dapat diketahui",
  samples: (n: number) => `${angka(n)} sampel`,
  rename: "Ganti nama",
  renameHeading: (name: string) => `Nama lain untuk ${name}`,
  revoke: "Cabut",
  revokeHeading: (name: string) => `Cabut ${name}?`,
  revokeLead: "Kuncinya dilupakan dan sambungannya diputus, untuk selamanya. Perangkatnya berpindah ke agen lain di site itu. Riwayat tetap ada.",
  enrol: "Daftarkan agen",
  enrolLead: "Token gabung dipakai satu kali (atau sebanyak yang Anda tentukan) oleh agen di server site. Hanya ditampilkan sekali di sini.",
  makeToken: "Buat token",
  uses: "Pemakaian",
  usesNote: "Berapa agen yang boleh bergabung dengannya.",
  hours: "Berlaku berapa jam",
  noSites: "Belum ada site: noctule site add NAME",
  steps: {
    save: "Di server site, simpan ini ke berkas bernama token:",
    join: "Biarkan agen bergabung. Ia membuat kuncinya sendiri; token sesudah itu habis.",
    run: "Jalankan (docs/agent.md menunjukkan caranya sebagai layanan):",
  },
  empty: "Belum ada agen yang bergabung",
  emptyLead: "Agen di server tiap site memantau perangkatnya dan mengalirkan hasilnya ke hub ini.",
} satisfies Spoken<typeof en.agents>;

export const clients = {
  answer: (n: number) => (n === 0 ? "Tidak ada yang mendengarkan." : `${angka(n)} sambungan.`),
  columns: { user: "Pengguna", role: "Peran", address: "Alamat", tab: "Tab", transport: "Transport", rooms: "Room", since: "Sejak", queued: "Menunggu", last: "Kejadian terakhir" },
  queuedTitle: "Byte yang menunggu dikirim kepadanya",
  anonymous: "anonim",
} satisfies Spoken<typeof en.clients>;
