/** The locale in which dates are written for an interface language. */
export function dateLocale(language: string): string {
  return language === "bn" ? "bn-BD" : "en-GB";
}

/** The instant in that form; one that no clock can show stands as it came. */
function shown(instant: string, language: string, form: Intl.DateTimeFormatOptions): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  return new Intl.DateTimeFormat(dateLocale(language), form).format(date);
}

/** A calendar date in the ISP's time zone, such as 21 Nov 2026. */
export function formatDate(instant: string, timeZone: string, language: string): string {
  return shown(instant, language, { timeZone, day: "numeric", month: "short", year: "numeric" });
}

/** A date with minutes in the ISP's time zone. */
export function formatDateTime(instant: string, timeZone: string, language: string): string {
  return shown(instant, language, {
    timeZone,
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

/** A date with seconds in the ISP's time zone, without the year: for what happened lately. */
export function formatMoment(instant: string, timeZone: string, language: string): string {
  return shown(instant, language, {
    timeZone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}

/** A calendar date (YYYY-MM-DD) as people write it, without the year: 21 Nov. */
export function formatDay(date: string, language: string): string {
  return new Intl.DateTimeFormat(dateLocale(language), {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
  }).format(new Date(`${date}T00:00:00Z`));
}

/** The month of a calendar date without the year: Nov. */
export function formatShortMonth(date: string, language: string): string {
  return new Intl.DateTimeFormat(dateLocale(language), { timeZone: "UTC", month: "short" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** The month of a calendar date (YYYY-MM-DD) in words: November 2026. */
export function formatMonth(date: string, language: string): string {
  return new Intl.DateTimeFormat(dateLocale(language), {
    timeZone: "UTC",
    month: "long",
    year: "numeric",
  }).format(new Date(`${date}T00:00:00Z`));
}

/** The calendar date (YYYY-MM-DD) that an instant has in a time zone, for date inputs. */
export function dateInZone(instant: string, timeZone: string): string {
  if (Number.isNaN(Date.parse(instant))) return "";
  const parts = zoneParts(new Date(instant), timeZone);
  return `${parts.year}-${pad(parts.month)}-${pad(parts.day)}`;
}

/** A calendar date so many days later. */
export function addDays(date: string, days: number): string {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, DATE_LENGTH);
}

/** The first day of the month that is so many months later. */
export function addMonths(date: string, months: number): string {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCMonth(moved.getUTCMonth() + months, 1);
  return moved.toISOString().slice(0, DATE_LENGTH);
}

/** The instant so many calendar months (UTC) earlier; a shorter month gives its last day. */
export function monthsEarlier(instant: string, months: number): string {
  const moved = new Date(instant);
  const day = moved.getUTCDate();
  moved.setUTCMonth(moved.getUTCMonth() - months, 1);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0));
  moved.setUTCDate(Math.min(day, lastDay.getUTCDate()));
  return moved.toISOString();
}

const DATE_LENGTH = "YYYY-MM-DD".length;

/** Midnight at the start of a calendar date in a time zone, as an RFC 3339 instant. */
export function startOfDay(date: string, timeZone: string): string {
  return zonedInstant(`${date}T00:00:00`, timeZone);
}

/** The last second of a calendar date in a time zone, as an RFC 3339 instant. */
export function endOfDay(date: string, timeZone: string): string {
  return zonedInstant(`${date}T23:59:59`, timeZone);
}

/** The instant of a date and time (YYYY-MM-DDTHH:MM) on the wall clock of a time zone. */
export function instantOf(wallClock: string, timeZone: string): string {
  return zonedInstant(wallClock.length === SHORT_CLOCK ? `${wallClock}:00` : wallClock, timeZone);
}

/** What the wall clock of a time zone shows (YYYY-MM-DDTHH:MM), for date and time inputs. */
export function wallClockOf(instant: string, timeZone: string): string {
  if (Number.isNaN(Date.parse(instant))) return "";
  const { hour, minute } = zoneParts(new Date(instant), timeZone);
  return `${dateInZone(instant, timeZone)}T${pad(hour)}:${pad(minute)}`;
}

const SHORT_CLOCK = "YYYY-MM-DDTHH:MM".length;

function zonedInstant(wallClock: string, timeZone: string): string {
  const asUtc = Date.parse(`${wallClock}Z`);
  // The offset may differ on the two sides of a daylight-saving change, so it is read twice.
  const first = asUtc - offsetAt(asUtc, timeZone);
  const exact = asUtc - offsetAt(first, timeZone);
  return new Date(exact).toISOString().replace(".000Z", "Z");
}

function offsetAt(epoch: number, timeZone: string): number {
  const p = zoneParts(new Date(epoch), timeZone);
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - epoch;
}

function zoneParts(instant: Date, timeZone: string) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = new Map(format.formatToParts(instant).map((part) => [part.type, part.value]));
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type) ?? "0");
  return {
    year: read("year"),
    month: read("month"),
    day: read("day"),
    hour: read("hour"),
    minute: read("minute"),
    second: read("second"),
  };
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
