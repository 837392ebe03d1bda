type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops the keys that hold nothing, so that they do not reach a URL or a request. */
export function compact<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ""),
  ) as Defined<T>;
}

/** An empty or blank text input means "nothing". */
export function blankToNull(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
}

/** A numeric text input as a number, or null when it is blank. */
export function numberOrNull(text: string | undefined): number | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : Number(trimmed);
}
