// Log jaringan.

import type { Spoken } from "../spoken";
import type { en } from "../en";

const angka = (n: number): string => n.toLocaleString("id-ID");

export const logs = {
  answer: (n: number, more: boolean) => (n === 0 ? "" : `${angka(n)} entri terbaru${more ? "; yang lebih lama muncul saat digulir" : ""}.`),
  waiting: (n: number) => `Dijeda, ${angka(n)} baru: tampilkan`,
  skipped: (n: number) => `${angka(n)} datang terlalu cepat: cari lagi`,
  pause: "Jeda",
  goOn: "Lanjutkan",
  export: "Simpan yang ditemukan sebagai CSV",
  find: "Kata, \"frasa\", awalan*",
  severity: "Tingkat",
  anySeverity: "Semua tingkat",
  atLeast: (word: string) => `${word} dan lebih parah`,
  source: "Sumber",
  anySource: "Semua sumber",
  allDevices: "Dari semua perangkat",
  onlyThis: "Hanya perangkat ini",
  entry: "Entri log",
  noDevice: "tidak ada perangkat agen ini dengan alamat tersebut",
  empty: "Belum ada log",
  emptyLead: "Arahkan syslog dan trap perangkat ke agennya; docs/traps-and-syslog.md menjelaskan caranya. Log muncul di sini dengan sendirinya.",
  facts: { received: "Diterima", device: "Perangkat", address: "Dari", severity: "Tingkat", source: "Sumber" },
} satisfies Spoken<typeof en.logs>;
