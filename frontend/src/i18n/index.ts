import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type { en } from "./en";
import type { enLater } from "./enLater";

/** Every text of the interface; the languages hold exactly these keys. */
export type TextKey = keyof typeof en | keyof typeof enLater;
type Texts = Record<string, string>;
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

export const LANGUAGES = { en: "English", bn: "বাংলা" } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
const STORAGE_KEY = "lastmile-language";

/** Set with the first page that needs more than sign-in, shell and dashboard do. */
let later: Promise<void> | undefined;

async function loadTexts(language: Language): Promise<Texts> {
  return language === "bn" ? (await import("./bn")).bn : (await import("./en")).en;
}

async function addLater(language: Language): Promise<void> {
  const texts =
    language === "bn" ? (await import("./bnLater")).bnLater : (await import("./enLater")).enLater;
  i18next.addResourceBundle(language, "translation", texts);
}

/** Loads the texts of the pages behind the dashboard, once. */
export function loadLaterTexts(): Promise<void> {
  later ??= addLater(i18next.language as Language).catch((error: unknown) => {
    later = undefined;
    throw error;
  });
  return later;
}

/** Loads only the language in use; the other one is a chunk of its own. */
export async function startI18n(): Promise<void> {
  const language = preferredLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await loadTexts(language) } },
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  applyToDocument(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await loadTexts(language));
    if (later) await addLater(language);
  }
  await i18next.changeLanguage(language);
  localStorage.setItem(STORAGE_KEY, language);
  applyToDocument(language);
}

export function directionOf(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (stored === "en" || stored === "bn") return stored;
  return navigator.language.startsWith("bn") ? "bn" : "en";
}

function applyToDocument(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

export function useT(): Translate {
  return useTranslation().t as unknown as Translate;
}

export function useLanguage(): Language {
  return useTranslation().i18n.language as Language;
}

/** The text of a key that is built at run time, or undefined when there is none. */
export function useOptionalText(): (
  key: string,
  params?: Record<string, string>,
) => string | undefined {
  const { t, i18n } = useTranslation();
  return (key, params) => (i18n.exists(key) ? t(key, params ?? {}) : undefined);
}
