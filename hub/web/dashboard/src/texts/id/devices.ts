// Perangkat: daftarnya, dan salah satunya.

import type { DeviceStatus } from "@noctule/client";

import type { Spoken } from "../spoken";
import type { en } from "../en";

const angka = (n: number): string => n.toLocaleString("id-ID");

export const devices = {
  heading: "Perangkat",
  allWell: (n: number) => (n === 1 ? "Satu-satunya perangkat menjawab." : `Semua ${angka(n)} perangkat menjawab.`),
  of: (parts: string, total: number) => `${parts} dari ${angka(total)} perangkat.`,
  part: (n: number, status: DeviceStatus, word: string) => `${angka(n)} ${status === "maintenance" ? "dalam " : ""}${word.toLowerCase()}`,
  and: (parts: string[]) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} dan ${parts.at(-1)}`),
  latest: (name: string, status: string, age: string) => `Terbaru: ${name}, ${status.toLowerCase()} selama ${age}.`,
  shown: (shown: number, total: number) => `${angka(shown)} dari ${angka(total)} ditampilkan`,
  groupBySite: "Kelompokkan menurut site",
  resort: "Urutan sudah berubah: urutkan lagi",
  newOnes: (n: number) => `${angka(n)} perangkat baru: tampilkan`,
  columns: { state: "Status", name: "Nama", address: "Alamat", site: "Site", agent: "Agen", tags: "Tag", bar: "24 jam", latency: "Latensi", latencyTrail: "Latensi, menit terakhir", loss: "Loss", in: "Masuk", out: "Keluar", trafficTrail: "Trafik, menit terakhir", since: "Sejak" },
  columnTitles: {
    state: "Urutkan menurut status, gangguan lebih dulu",
    name: "Urutkan menurut nama",
    agent: "Agen yang memantaunya",
    tags: "Tag-nya; saringan menemukannya dengan tag:",
    bar: "24 jam terakhir per setengah jam, gangguan terberat masing-masing; dan ketersediaannya",
    address: "Urutkan menurut alamat",
    site: "Urutkan menurut site",
    latency: "Median waktu pulang-pergi dari putaran terakhir",
    latencyTrail: "Latensi sejak halaman ini dibuka, paling lama 10 menit; tanda di bawah adalah loss",
    loss: "Bagian paket dari putaran terakhir yang tidak kembali",
    in: (full: string) => `Diterima perangkat; batang penuh berarti ${full}`,
    out: (full: string) => `Dikirim perangkat; batang penuh berarti ${full}`,
    trafficTrail: "Trafik sejak halaman ini dibuka: masuk ke atas, keluar ke bawah",
    since: "Berapa lama perangkat berada dalam status ini",
  },
  sorted: (ascending: boolean) => (ascending ? "menaik" : "menurun"),
  snmpTitle: "Waktu jawab permintaan SNMP, bukan ping",
  old: (age: string) => `${age} lalu`,
  stale: (age: string) => `Diukur ${age} lalu`,
  never: "Belum ada pengukuran",
  measured: (at: string) => `Diukur ${at}`,
  mdev: (mdev: string) => `simpangan rata-rata ${mdev}`,
  empty: {
    heading: "Belum ada perangkat",
    lead: "Tiga langkah membawa perangkat pertama ke halaman ini. Ia muncul dengan sendirinya.",
    agent: "Di hub: token untuk agen yang bergabung, bagi site tempatnya berada.",
    join: "Di server site: berikan token kepada agen, lalu jalankan.",
    device: "Di hub: apa yang harus dipantau agen.",
    snmp: "Dengan SNMP, untuk interface dan trafik:",
    copy: "Salin",
    copied: "Tersalin",
  },
  noMatch: "Tidak ada perangkat yang cocok dengan saringan ini.",
  clearFilter: "Hapus saringan",
  failed: "Daftar perangkat tidak dapat dibaca",
} satisfies Spoken<typeof en.devices>;
