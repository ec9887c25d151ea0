// Every pair of text and surface that the page uses can be read: WCAG AA, in both themes.

import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

type Rgba = readonly [number, number, number, number];

const css = readFileSync(new URL("../src/styles/tokens.css", import.meta.url), "utf8");

function token(name: string, theme: "light" | "dark"): Rgba {
  const value = new RegExp(`--${name}: ([^;]+);`, "u").exec(css)?.[1] ?? "";
  const both = /^light-dark\((.+), ((?:#|rgb).+)\)$/u.exec(value);
  return colour(both === null ? value : ((theme === "light" ? both[1] : both[2]) ?? ""));
}

function colour(text: string): Rgba {
  const hex = /^#(..)(..)(..)$/u.exec(text);
  if (hex !== null) return [0, 1, 2].map((at) => Number.parseInt(hex[at + 1] ?? "", 16)).concat(1) as unknown as Rgba;
  const parts = /^rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)$/u.exec(text);
  if (parts === null) throw new Error(`not a colour: ${text}`);
  return [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4]) / 100];
}

function over(top: Rgba, bottom: Rgba): Rgba {
  const mix = (at: 0 | 1 | 2): number => top[at] * top[3] + bottom[at] * (1 - top[3]);
  return [mix(0), mix(1), mix(2), 1];
}

function luminance([r, g, b]: Rgba): number {
  const linear = (part: number): number => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function contrast(text: Rgba, surface: Rgba): number {
  const [a, b] = [luminance(over(text, surface)), luminance(surface)].sort((x, y) => y - x);
  return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
}

const themes = ["light", "dark"] as const;
const surfaces = ["page", "panel", "raised"] as const;
const texts = ["text-high", "text-medium", "text-low", "text-old", "offline-ink", "degraded-ink"] as const;
const pairs = themes.flatMap((theme) => surfaces.flatMap((surface) => texts.map((text) => [theme, text, surface] as const)));

test.each(pairs)("%s: %s on %s is at least 4.5 to 1", (theme, text, surface) => {
  expect(contrast(token(text, theme), token(surface, theme))).toBeGreaterThanOrEqual(4.5);
});

test.each(themes.flatMap((theme) => ["offline-wash", "degraded-wash"].map((wash) => [theme, wash] as const)))(
  "%s: words on a row's %s are at least 4.5 to 1",
  (theme, wash) => {
    const surface = over(token(wash, theme), token("page", theme));
    for (const text of ["text-high", "text-medium", "text-low"]) {
      expect(contrast(token(text, theme), surface)).toBeGreaterThanOrEqual(4.5);
    }
  },
);

test.each(themes)("%s: the accent can be read, and on it what stands on buttons", (theme) => {
  expect(contrast(token("accent", theme), token("panel", theme))).toBeGreaterThanOrEqual(4.5);
  expect(contrast(token("accent-ink", theme), token("accent", theme))).toBeGreaterThanOrEqual(4.5);
});
