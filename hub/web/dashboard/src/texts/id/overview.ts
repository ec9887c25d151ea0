// Ikhtisar, dan layar dinding.

import type { Spoken } from "../spoken";
import type { en } from "../en";

const angka = (n: number): string => n.toLocaleString("id-ID");

export const overview = {
  site: (n: number) => `${angka(n)} perangkat`,
  firing: "Alert sekarang",
  firingUnknown: (why: string) => `Alert yang menyala tidak dapat dibaca: ${why}`,
  calm: "Tidak ada alert.",
  nothingRings: "Tidak ada yang berbunyi.",
  more: (n: number) => `${angka(n)} lagi`,
  quiet: (n: number) => `${angka(n)} alert tidak dibunyikan: dibisukan, ditahan, atau sedang ditangani.`,
  busiest: "Interface tersibuk",
  busiestNone: "Tidak ada interface yang melaporkan trafik dalam satu setengah menit terakhir.",
  part: (n: number) => (n < 2 ? "" : `${angka(n)} alert`),
  figures: { in: "Masuk", out: "Keluar", agents: "Agen", clients: "Klien", alerts: "Alert" },
  of: (n: number, total: number) => `dari ${angka(total)}${n === total ? "" : " tersambung"}`,
  agentsTitle: "Agen yang tersambung",
  clientsTitle: "Peramban dan program yang mendengarkan",
  alertsTitle: "Alert yang berbunyi, menurut tingkat",
  wall: "Layar dinding",
  wallTitle: "Hal yang sama untuk layar di dinding: tanpa tetikus; Esc untuk kembali",
  tile: (name: string, state: string) => `${name}: ${state.toLowerCase()}`,
  grid: "Semua perangkat menurut site",
} satisfies Spoken<typeof en.overview>;
