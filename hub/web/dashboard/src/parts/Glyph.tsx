// The shapes of the states and the page's few icons, drawn here so that they look the same on every system.

import type { DeviceStatus } from "@noctule/client";
import { memo, type ReactNode } from "react";

import { SHAPES } from "./shapes";

/** A state's shape in its colour. The word stands beside it, so it says nothing to screen readers. */
export const Glyph = memo(function Glyph({ status }: { status: DeviceStatus }): ReactNode {
  const { solid, hollow, hatch } = SHAPES[status];
  return (
    <svg className={`glyph tone-${status}`} viewBox="0 0 12 12" aria-hidden="true">
      {solid === undefined ? null : <path d={solid} />}
      {hollow === undefined ? null : <path d={hollow} className="glyph-hollow" />}
      {hatch === undefined ? null : <path d={hatch} className="glyph-hatch" />}
    </svg>
  );
});

const ICONS = {
  overview: "M3 3.5h6v6H3zM11 3.5h6v4h-6zM11 9.5h6v7h-6zM3 11.5h6v5H3z",
  topology: "M10 2.8a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM4.5 13.2a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM15.5 13.2a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM9 6.6l-3.4 6.8M11 6.6l3.4 6.8M6.5 15.2h7",
  logs: "M4 4.5h12M4 8h8M4 11.5h12M4 15h6",
  agents: "M10 11.5v5M7 16.5h6M10 7.5a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM6.2 13a5.2 5.2 0 0 1 0-7.4M13.8 13a5.2 5.2 0 0 0 0-7.4M4 15.2a8.3 8.3 0 0 1 0-11.8M16 15.2a8.3 8.3 0 0 0 0-11.8",
  clients: "M3 4.5h14v9H3zM7.5 16.5h5M10 13.5v3",
  customers: "M4 16.5v-9l6-4 6 4v9zM8 16.5v-4h4v4",
  rules: "M4 5.5h8M4 10h12M4 14.5h8M14.5 4v3M8 8.5v3M14.5 13v3",
  silences: "M8 5H5.5v2.5M3.5 12.5h3l4 3.5V4L6.5 7.5h-3zM13.5 8l3.5 4M17 8l-3.5 4",
  maintenance: "M12.5 4a3.8 3.8 0 0 0-3.6 5L3.8 14a1.6 1.6 0 0 0 2.2 2.2l5.1-5.1a3.8 3.8 0 0 0 4.7-5L13.5 8.4 11.6 6.5l2.3-2.3a3.8 3.8 0 0 0-1.4-.2z",
  channels: "M3 5.5h14v9.5H3zM3 6l7 5.5L17 6",
  policies: "M4 5h5v4H4zM11 11h5v4h-5zM6.5 9v4h4.5",
  users: "M7.5 4a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.5 15.5c.5-2.7 2.5-4 5-4s4.500 1.300 5 4M13 4.500a2.500 2.500 0 0 1 0 4.800M14.500 11.800c1.700.5 2.700 1.800 3 3.700",
  tokens: "M6.500 7.500a3.200 3.200 0 1 1-.1 6.400 3.200 3.200 0 0 1 .1-6.400zM9.200 9l7-5M13 6.300l2 2.700",
  audit: "M5 3.500h7l3 3v10H5zM12 3.500v3h3M7.500 10h5M7.500 13h3.500",
  settings: "M10 7a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM10 2.500v2M10 15.500v2M2.500 10h2M15.500 10h2M4.700 4.700l1.400 1.400M13.900 13.900l1.400 1.400M4.700 15.300l1.400-1.400M13.900 6.100l1.400-1.400",
  services: "M3 13.500a4 4 0 0 1 1-7.800 5 5 0 0 1 9.600-.4 3.800 3.800 0 0 1 2.400 7.200z",
  check: "M4.5 10.5l3.8 3.8 7.2-8",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  handle: "M7.5 5h.01M12.5 5h.01M7.5 10h.01M12.5 10h.01M7.5 15h.01M12.5 15h.01",
  statuspage: "M3 4.5h14v11H3zM3 8h14M6.500 11.700l1.700 1.500 3.300-3.200",
  fit: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  print: "M6 7.5v-4h8v4M6 14H3.500v-6.500h13V14H14M6 11.500h8v5H6z",
  pause: "M7 4.500v11M13 4.500v11",
  play: "M6.500 4.500v11l9-5.500z",
  download: "M10 3.500v9M6 9l4 4 4-4M4 16.500h12",
  pages: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  devices: "M3 4.5h14v4.5H3zM3 11.5h14V16H3zM6 6.7h.01M6 13.7h.01",
  alerts: "M10 3a4.6 4.6 0 0 0-4.6 4.6c0 4-1.7 5.4-1.7 5.4h12.6s-1.7-1.4-1.7-5.4A4.6 4.6 0 0 0 10 3zM8.5 15.6a1.7 1.7 0 0 0 3 0",
  help: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.7h7",
  rail: "M3 4h14v12H3zM7.5 4v12",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4",
  whole: "M3.5 8V3.5H8M12 3.5h4.5V8M16.5 12v4.5H12M8 16.5H3.5V12",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
  up: "M5 12.5l5-5 5 5",
  down: "M5 7.5l5 5 5-5",
  system: "M3 4.5h14v9H3zM7.5 16.5h5",
  light: "M10 6.7a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6zM10 2.5v1.5M10 16v1.5M2.5 10H4M16 10h1.5M4.7 4.7l1 1M14.3 14.3l1 1M4.7 15.3l1-1M14.3 5.7l1-1",
  dark: "M16 11.8A6.5 6.5 0 0 1 8.2 4a6.5 6.5 0 1 0 7.8 7.8z",
  person: "M10 3.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
} as const;

export type IconName = keyof typeof ICONS;

export const Icon = memo(function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
});

/** The mark: a bat's ear and two echoes. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path className="mark-bat" d="M4.5 21c2.6-1 4.4-3.1 5.1-6.9l1.6-4.8 2.4 2.7h1.8l2.4-2.7c.6 2.8.4 7.7-2.2 10.9-2.9 3.5-7.2 3.1-11.1.8z" />
      <path className="mark-echo" d="M20.5 10.5a8.6 8.6 0 0 1 0 11.5" />
      <path className="mark-echo faint" d="M24.4 7.4a13.4 13.4 0 0 1 0 17.7" />
    </svg>
  );
}
