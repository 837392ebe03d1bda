import { useLanguage } from "@/i18n";
import {
  formatDate,
  formatDateTime,
  formatDay,
  formatMoment,
  formatMonth,
  formatShortMonth,
} from "@/lib/dates";
import { formatMoney, type MoneyValue } from "@/lib/money";
import { formatBytes, formatCount, formatDuration, formatRate } from "@/lib/units";
import { useMe } from "./permissions";

/** Formatting in the language of the screen and the time zone of the ISP. */
export function useFormat() {
  const language = useLanguage();
  const timeZone = useTimeZone();
  return {
    money: (money: MoneyValue) => formatMoney(money, language),
    date: (instant: string | null | undefined) =>
      instant ? formatDate(instant, timeZone, language) : "–",
    dateTime: (instant: string | null | undefined) =>
      instant ? formatDateTime(instant, timeZone, language) : "–",
    time: (instant: string | null | undefined) =>
      instant ? formatMoment(instant, timeZone, language) : "–",
    /** Calendar dates, which have no time zone. */
    day: (date: string) => formatDay(date, language),
    month: (date: string) => formatMonth(date, language),
    shortMonth: (date: string) => formatShortMonth(date, language),
    rate: (kbps: number) => formatRate(kbps, language),
    bytes: (bytes: string | number) => formatBytes(bytes, language),
    duration: (seconds: number) => formatDuration(seconds, language),
    count: (count: number) => formatCount(count, language),
  };
}

export function useTimeZone(): string {
  return useMe().isp?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function useCurrency(): string {
  return useMe().isp?.currency ?? "BDT";
}
