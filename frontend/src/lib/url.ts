/** Readers for search parameters that never throw: a bad value in a URL is no value. */
export type RawSearch = Record<string, unknown>;

/** A non-empty text, cut to what the server accepts. */
export function textParam(raw: RawSearch, key: string, max = 200): string | undefined {
  const value = raw[key];
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, max) : undefined;
}

/** One of the listed values. */
export function choiceParam<const T extends string>(
  raw: RawSearch,
  key: string,
  choices: readonly T[],
): T | undefined {
  return choices.find((choice) => choice === raw[key]);
}

/** A flag written as true or false. */
export function flagParam(raw: RawSearch, key: string): boolean | undefined {
  const value = raw[key];
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return undefined;
}

export const PAGE_SIZES = [25, 50, 100, 200] as const;
export type PageSize = (typeof PAGE_SIZES)[number];

/** A page size the server accepts. */
export function limitParam(raw: RawSearch): PageSize | undefined {
  const size = Number(raw["limit"]);
  return PAGE_SIZES.find((allowed) => allowed === size);
}

/** A path inside this application, so that a crafted link cannot lead elsewhere. */
export function innerPath(path: string | undefined): string {
  return path?.startsWith("/") && !path.startsWith("//") && !path.includes("\\") ? path : "/";
}
