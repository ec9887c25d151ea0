// Every text of the page, by language. `texts` is the chosen one's: read it when something is drawn, not before.

import { en } from "./en";

export type Texts = typeof en;
export type Language = "en" | "id";

export const LANGUAGES: Readonly<Record<Language, string>> = { en: "English", id: "Bahasa Indonesia" };

export let texts: Texts = en;

/** Chooses the language, once before the page is drawn; only what is not English is loaded beside the page. */
export async function speak(language: Language): Promise<void> {
  texts = language === "id" ? (await import("./id")).id : en;
  document.documentElement.lang = language;
}
