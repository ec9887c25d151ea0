// Log audit dan pengaturan hub.

import type { en } from "../en";
import type { Spoken } from "../spoken";
import { isian } from "./fields";

const angka = (n: number): string => n.toLocaleString("id-ID");

export const audit = {
  answer: (n: number, more: boolean) => (n === 0 ? "" : `${angka(n)} perubahan${more ? " terbaru" : ""}.`),
  columns: { at: "Waktu", who: "Siapa", did: "Tindakan", kind: "Objek", name: "Nama", difference: "Perbedaan", from: "Dari" },
  actions: { added: "menambah", changed: "mengubah", removed: "menghapus", revoked: "mencabut", rotated: "merotasi", "signed-in": "masuk", "sign-in-blocked": "upaya masuk diblokir", ended: "mengakhiri", "backed-up": "mencadangkan", restored: "memulihkan" },
  kinds: { agent: "agen", alert: "alert", "alert-rule": "aturan alert", channel: "kanal", customer: "pelanggan", delivery: "pengiriman", device: "perangkat", hub: "hub", "join-token": "token gabung", key: "kunci", layout: "letak peta", maintenance: "pemeliharaan", "notification-policy": "kebijakan", refusal: "penolakan", secret: "rahasia", service: "layanan", session: "sesi", settings: "pengaturan", silence: "pembisuan", site: "site", "status-page": "halaman status", token: "token", user: "pengguna" },
  field: (words: string) => isian.get(words) ?? words,
  who: "Siapa: nama, atau local",
  whoLabel: "Oleh siapa",
  kind: "Jenis objek",
  anyKind: "Semua",
  from: "Dari",
  to: "Sampai",
  clear: "Hapus pilihan",
  csv: "Simpan yang ditemukan sebagai CSV",
  csvLimit: (n: number) => `${angka(n)} terbaru disimpan; pilih waktu yang lebih pendek untuk yang lain.`,
  older: "Yang lebih lama",
  empty: "Belum ada yang diubah.",
  facts: { at: "Waktu", who: "Siapa", address: "Dari", object: "Objek" },
  onThisMachine: "di mesin hub",
  fields: { field: "Isian", before: "Sebelumnya", after: "Sesudahnya" },
  noFields: "Tidak ada keterangan lain.",
  nothing: "–",
  onlyWho: "Semua oleh yang ini",
  onlyObject: "Semua tentang objek ini",
} satisfies Spoken<typeof en.audit>;

export const settings = {
  tabs: { hub: "Hub", sites: "Site", backups: "Cadangan", about: "Tentang" },
  hub: { organisation: "Organisasi", organisationNote: "Tampil di halaman status dan di surel.", timezone: "Zona waktu", timezoneNote: "Hari dan bulan untuk laporan, pemeliharaan, dan jam tenang.", publicUrl: "Alamat hub ini", publicUrlNote: "Seperti yang dibuka orang; tautan dalam pesan diawali dengannya.", saved: "Tersimpan.", admins: "Hanya administrator yang dapat mengubahnya." },
  sites: { add: "Tambah site", none: "Belum ada site", noneLead: "Site adalah tempat dengan perangkat dan agen yang memantaunya.", name: "Nama", devices: "Perangkat", agents: "Agen", rename: "Ganti nama", renameHeading: (name: string) => `Nama lain untuk ${name}`, remove: "Hapus", removeHeading: (name: string) => `Hapus ${name}?`, removeLead: "Hanya site tanpa perangkat dan agen yang dapat dihapus.", count: (n: number) => `${angka(n)} site.` },
  backups: {
    lead: "Cadangan adalah salinan utuh data hub, dibuat sambil hub bekerja: konfigurasi, riwayat, dan log. Kunci tidak ada di dalamnya.",
    start: "Buat cadangan dan simpan di sini",
    busy: "Hub menyalin dan mengirim. Biarkan halaman ini terbuka; bisa beberapa menit.",
    done: (size: string) => `${size} tersimpan. Cobalah sesekali: noctule hub restore menyatakan apakah cadangan utuh.`,
    command: "Di server, setiap malam, baris perintah lebih baik:",
    last: "Yang sudah dibuat",
    none: "Belum ada cadangan yang dibuat.",
    by: (who: string) => `oleh ${who}`,
  },
  about: { version: "Versi", uptime: "Berjalan selama", page: "Halaman ini", licences: "Lisensi", licence: "Noctule adalah perangkat lunak bebas dengan Apache License 2.0.", parts: "Halaman ini dibuat dengan:", docs: "Deskripsi API", columns: { name: "Bagian", version: "Versi", licence: "Lisensi" } },
} satisfies Spoken<typeof en.settings>;
