// What a person has set on this device. Kept in the browser; a browser that keeps nothing is fine too.

import type { Language } from "../texts";
import { Observable } from "./observable";

export type Theme = "system" | "light" | "dark";

export interface Settings {
  readonly theme: Theme;
  readonly railOpen: boolean;
  readonly stripOpen: boolean;
  readonly bySite: boolean;
  /** Rows of the list are higher. */
  readonly comfortable: boolean;
  /** Columns of the list that are not the usual choice: shown with `+` before the name, hidden with `-`. */
  readonly columns: readonly string[];
  readonly language: Language;
}

const KEY = "noctule.settings";
// On a phone the strip begins as one line: the list needs the height.
const DEFAULTS: Settings = {
  theme: "system",
  railOpen: true,
  stripOpen: matchMedia("(min-width: 641px)").matches,
  bySite: false,
  comfortable: false,
  columns: [],
  language: navigator.language.toLowerCase().startsWith("id") ? "id" : "en",
};

function load(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    const theme = kept.theme === "light" || kept.theme === "dark" ? kept.theme : "system";
    const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === "boolean" ? value : otherwise);
    return {
      theme,
      railOpen: flag(kept.railOpen, DEFAULTS.railOpen),
      stripOpen: flag(kept.stripOpen, DEFAULTS.stripOpen),
      bySite: flag(kept.bySite, DEFAULTS.bySite),
      comfortable: flag(kept.comfortable, DEFAULTS.comfortable),
      columns: Array.isArray(kept.columns) ? kept.columns.filter((column) => typeof column === "string") : DEFAULTS.columns,
      language: kept.language === "en" || kept.language === "id" ? kept.language : DEFAULTS.language,
    };
  } catch {
    return DEFAULTS;
  }
}

export const settings = new Observable<Settings>(load());

export function change(part: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...part });
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.get()));
  } catch {
    // Private windows refuse to keep things; the setting holds until the page is closed.
  }
  applyTheme();
}

/** Puts the theme on the document; `system` leaves the choice to the browser. */
export function applyTheme(): void {
  const { theme } = settings.get();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
