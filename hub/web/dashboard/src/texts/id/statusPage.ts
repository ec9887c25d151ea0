// Halaman status untuk umum, seperti dibuat administrator.

import type { en } from "../en";
import type { Spoken } from "../spoken";

const angka = (n: number): string => n.toLocaleString("id-ID");
const sebut = (label: string): string => (label === "" ? "komponen ini" : label);

export const statusPage = {
  published: "Sudah diterbitkan: siapa pun dapat melihatnya.",
  hidden: "Belum diterbitkan: tidak ada yang dapat melihatnya.",
  unsaved: "Belum disimpan.",
  saved: "Tersimpan.",
  title: "Judul",
  message: "Pesan",
  messageNote: "Catatan Anda di atas segalanya, misalnya tentang gangguan. Kosong bila tidak ada.",
  publish: "Diterbitkan",
  publishNote: "Tanpa perlu masuk: label dan status di bawah ini, dan tidak ada apa pun tentang perangkat Anda.",
  components: "Komponen",
  componentsLead: "Komponen adalah satu baris di halaman: label dari Anda, dengan site dan perangkat yang diwakilinya.",
  none: "Belum ada komponen. Tambahkan yang pertama: apa yang dikenal pelanggan Anda dengan namanya?",
  label: "Label",
  covers: "Mewakili",
  add: "Tambah komponen",
  addCover: "Tambah site atau perangkat",
  site: (name: string) => `Site ${name}`,
  tag: (name: string) => `Tag ${name}`,
  missing: (id: number) => `sudah tidak ada (${id})`,
  removeCover: (name: string) => `Tanpa ${name}`,
  remove: (label: string) => `Hapus ${sebut(label)}`,
  handle: (label: string, place: number, total: number) => `Pindahkan ${sebut(label)}: ${angka(place)} dari ${angka(total)}. Seret, atau tekan tombol panah atas dan bawah.`,
  movedTo: (label: string, place: number, total: number) => `${label}: sekarang ${angka(place)} dari ${angka(total)}.`,
  devices: (n: number) => `${angka(n)} perangkat`,
  uncovered: "Belum mewakili apa pun.",
  save: "Simpan",
  conflict: "Orang lain mengubah halaman ini sejak Anda membukanya.",
  theirs: "Buang versi saya, tampilkan versi mereka",
  preview: "Buka halamannya",
  previewNot: "Dapat dibuka setelah diterbitkan.",
  badge: "Lencana",
  badgeLead: "Status keseluruhan sebagai gambar kecil, untuk halaman lain. Sebagai Markdown:",
  badgeHtml: "Sebagai HTML, untuk halaman terang dan gelap:",
  badgeAlt: "Status jaringan",
  maintenance: "Pemeliharaan terencana",
  maintenanceLead: "Selama jadwal berjalan, komponen yang perangkatnya tercakup ditampilkan sedang dalam pemeliharaan.",
  maintenanceNone: "Tidak ada jadwal, berjalan atau terencana, yang mencakup komponen ini.",
  running: (until: string) => `berjalan sampai ${until}`,
  planned: (from: string, until: string) => `${from} sampai ${until}`,
  states: { operational: "Beroperasi", degraded: "Terganggu", outage: "Terputus", maintenance: "Pemeliharaan", unknown: "Tidak diketahui" },
} satisfies Spoken<typeof en.statusPage>;
