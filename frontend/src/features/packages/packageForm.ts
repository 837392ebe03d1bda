import * as z from "zod/mini";
import { burstRequest, burstSchema, burstValues } from "@/api/burst";
import type { Package, Schema } from "@/api/types";
import { octetsOrNull, volumeInput, volumeSchema } from "@/api/volumes";
import { blankToNull, numberOrNull } from "@/lib/object";
import { amountOf, amountText } from "@/ui/amount";

/** The form of a package: its values, and how they become a request. */
export const CYCLES = ["daily", "weekly", "monthly", "quarterly", "yearly"] as const;
export const BILLING_TYPES = ["prepaid", "postpaid"] as const;
export const WINDOWS = ["day", "week", "month", "period"] as const;
export const COUNTS = ["total", "upload", "download"] as const;
export const EFFECTS = ["suspend", "throttle", "disconnect"] as const;
export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_MINUTE = 60;

const whole = z.string().check(z.regex(/^\d{1,9}$/, "form.number"));
const wholeOrBlank = z.string().check(z.regex(/^\d{0,9}$/, "form.number"));
const hoursOrBlank = z.string().check(z.regex(/^(\d{1,4}(\.\d{1,2})?)?$/, "form.number"));
const clock = z.string().check(z.regex(/^\d\d:\d\d$/, "form.required"));

const limit = {
  window: z.enum(WINDOWS),
  on_reached: z.enum(EFFECTS),
  throttled_down: wholeOrBlank,
  throttled_up: wholeOrBlank,
};

export const packageSchema = (currency: string) =>
  z.object({
    name: z.string().check(z.trim(), z.minLength(1, "form.required")),
    down_kbps: whole,
    up_kbps: whole,
    burst: burstSchema,
    price: amountText(currency),
    cycle: z.enum(CYCLES),
    billing_type: z.enum(BILLING_TYPES),
    pool: z.string(),
    address_list: z.string(),
    router_profile: z.string(),
    ipv6_pool: z.string(),
    delegated_ipv6_pool: z.string(),
    simultaneous_use: whole,
    rate_managed_by_router: z.boolean(),
    volume_limit: z.object({
      ...limit,
      volume: volumeSchema,
      counts: z.enum(COUNTS),
      rollover: z.boolean(),
    }),
    time_limit: z.object({ ...limit, hours: hoursOrBlank }),
    time_windows: z.array(
      z.object({
        days: z.array(z.enum(WEEKDAYS)).check(z.minLength(1, "form.choose_one")),
        from: clock,
        to: clock,
      }),
    ),
    idle_minutes: wholeOrBlank,
    bind_mac: z.boolean(),
    mac_authentication: z.boolean(),
    nas_ids: z.array(z.string()),
  });

export type PackageValues = z.infer<ReturnType<typeof packageSchema>>;

export function valuesOf(entry: Package | undefined): PackageValues {
  return {
    name: entry?.name ?? "",
    down_kbps: String(entry?.down_kbps ?? ""),
    up_kbps: String(entry?.up_kbps ?? ""),
    burst: burstValues(entry?.burst),
    price: entry?.price.amount ?? "",
    cycle: entry?.cycle ?? "monthly",
    billing_type: entry?.billing_type ?? "prepaid",
    simultaneous_use: String(entry?.simultaneous_use ?? "1"),
    rate_managed_by_router: entry?.rate_managed_by_router ?? false,
    ...poolsOf(entry),
    ...limitsOf(entry),
    ...accessOf(entry),
  };
}

function poolsOf(entry: Package | undefined) {
  return {
    pool: entry?.pool ?? "",
    address_list: entry?.address_list ?? "",
    router_profile: entry?.router_profile ?? "",
    ipv6_pool: entry?.ipv6_pool ?? "",
    delegated_ipv6_pool: entry?.delegated_ipv6_pool ?? "",
  };
}

type Limit = Pick<Schema<"TimeLimit">, "window" | "on_reached" | "throttled">;

function limitOf(found: Limit | null | undefined) {
  return {
    window: found?.window ?? ("month" as const),
    on_reached: found?.on_reached ?? ("suspend" as const),
    throttled_down: String(found?.throttled?.down_kbps ?? ""),
    throttled_up: String(found?.throttled?.up_kbps ?? ""),
  };
}

function limitsOf(entry: Package | undefined) {
  const volume = entry?.volume_limit;
  const time = entry?.time_limit;
  return {
    volume_limit: {
      ...limitOf(volume),
      volume: volumeInput(volume?.octets),
      counts: volume?.counts ?? ("total" as const),
      rollover: volume?.rollover ?? false,
    },
    time_limit: { ...limitOf(time), hours: parts(time?.seconds, SECONDS_PER_HOUR) },
  };
}

function accessOf(entry: Package | undefined) {
  return {
    time_windows: (entry?.time_windows ?? []).map((window) => ({
      days: window.days,
      from: window.from.slice(0, CLOCK),
      to: window.to.slice(0, CLOCK),
    })),
    idle_minutes: parts(entry?.idle_timeout, SECONDS_PER_MINUTE),
    bind_mac: entry?.bind_mac ?? false,
    mac_authentication: entry?.mac_authentication ?? false,
    nas_ids: entry?.nas_ids ?? [],
  };
}

const CLOCK = "HH:MM".length;

/** Seconds in a larger unit, for a form. */
function parts(seconds: number | null | undefined, unit: number): string {
  return seconds ? String(Number((seconds / unit).toFixed(2))) : "";
}

export function requestOf(values: PackageValues, currency: string) {
  const idle = numberOrNull(values.idle_minutes);
  return {
    name: values.name.trim(),
    down_kbps: Number(values.down_kbps),
    up_kbps: Number(values.up_kbps),
    burst: burstRequest(values.burst),
    price: amountOf(values.price, currency) ?? { amount: values.price, currency },
    cycle: values.cycle,
    billing_type: values.billing_type,
    pool: blankToNull(values.pool),
    address_list: blankToNull(values.address_list),
    router_profile: blankToNull(values.router_profile),
    ipv6_pool: blankToNull(values.ipv6_pool),
    delegated_ipv6_pool: blankToNull(values.delegated_ipv6_pool),
    simultaneous_use: Number(values.simultaneous_use),
    rate_managed_by_router: values.rate_managed_by_router,
    volume_limit: volumeLimitRequest(values.volume_limit),
    time_limit: timeLimitRequest(values.time_limit),
    time_windows: values.time_windows,
    idle_timeout: idle === null ? null : idle * SECONDS_PER_MINUTE,
    bind_mac: values.bind_mac,
    mac_authentication: values.mac_authentication,
    nas_ids: values.nas_ids,
  };
}

function limitRequest(limitValues: Pick<PackageValues["time_limit"], keyof typeof limit>) {
  const { window, on_reached, throttled_down, throttled_up } = limitValues;
  const throttles = on_reached === "throttle";
  return {
    window,
    on_reached,
    throttled: throttles
      ? { down_kbps: Number(throttled_down), up_kbps: Number(throttled_up) }
      : null,
  };
}

function volumeLimitRequest(values: PackageValues["volume_limit"]) {
  const octets = octetsOrNull(values.volume);
  if (octets === null) return null;
  const { counts, rollover } = values;
  return { ...limitRequest(values), octets, counts, rollover };
}

function timeLimitRequest(values: PackageValues["time_limit"]) {
  const hours = numberOrNull(values.hours);
  if (hours === null) return null;
  return { ...limitRequest(values), seconds: Math.round(hours * SECONDS_PER_HOUR) };
}
