// The colours of charts: read from the tokens when something is drawn, since a canvas knows no custom properties.

export type Tone = "in" | "out" | "trace" | "smoke-far" | "smoke-near" | "accent" | "online" | "degraded" | "offline" | "unreachable" | "unknown" | "maintenance" | "page" | "panel" | "raised" | "text-high" | "text-low" | "line-soft" | "line" | "text-medium";

export interface Palette {
  readonly of: (tone: Tone) => string;
  readonly font: string;
}

/** Reads the palette as it is now; `light-dark()` is resolved by the browser on a hidden element. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const known = new Map<Tone, string>();
  const of = (tone: Tone): string => {
    let colour = known.get(tone);
    if (colour === undefined) {
      element.append(probe);
      probe.style.color = `var(--${tone})`;
      colour = getComputedStyle(probe).color;
      probe.remove();
      known.set(tone, colour);
    }
    return colour;
  };
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  probe.remove();
  return { of, font };
}

/** Returns a colour with part of its strength. */
export function faded(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
}
