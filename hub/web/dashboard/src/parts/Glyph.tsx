// The shapes of the states and the page's few icons, drawn here so that they look the same on every system.

import type { DeviceStatus } from "@noctule/client";
import type { ReactNode } from "react";

const SHAPES: Record<DeviceStatus, ReactNode> = {
  online: <circle cx="6" cy="6" r="4" />,
  degraded: <path d="M6 1.2 11.2 10.6H.8Z" />,
  offline: <path d="M1.5 1.5h9v9h-9z" />,
  unreachable: (
    <>
      <path d="M6 .8 11.2 6 6 11.2.8 6Z" className="glyph-hollow" />
      <path d="M3.3 3.5 8.5 8.7M5.3 1.9 10.1 6.7M1.9 5.3 6.7 10.1" className="glyph-hatch" />
    </>
  ),
  unknown: <circle cx="6" cy="6" r="3.9" className="glyph-hollow" />,
  maintenance: <path d="M4.4 1h3.2v3.4H11v3.2H7.6V11H4.4V7.6H1V4.4h3.4z" />,
};

/** A state's shape in its colour. The word stands beside it, so it says nothing to screen readers. */
export function Glyph({ status }: { status: DeviceStatus }): ReactNode {
  return (
    <svg className={`glyph tone-${status}`} viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[status]}
    </svg>
  );
}

const ICONS = {
  devices: "M3 4.5h14v4.5H3zM3 11.5h14V16H3zM6 6.7h.01M6 13.7h.01",
  alerts: "M10 3a4.6 4.6 0 0 0-4.6 4.6c0 4-1.7 5.4-1.7 5.4h12.6s-1.7-1.4-1.7-5.4A4.6 4.6 0 0 0 10 3zM8.5 15.6a1.7 1.7 0 0 0 3 0",
  help: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.7h7",
  rail: "M3 4h14v12H3zM7.5 4v12",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4",
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

export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

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
