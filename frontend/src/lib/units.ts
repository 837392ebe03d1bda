/** A rate in kbit/s in the largest unit that stays exact to one decimal. */
export function formatRate(kbps: number, language: string): string {
  const number = numberFormat(language, 1);
  if (kbps >= 1_000_000) return `${number.format(kbps / 1_000_000)} Gbps`;
  if (kbps >= 1_000) return `${number.format(kbps / 1_000)} Mbps`;
  return `${number.format(kbps)} kbps`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A volume in bytes (sent as text because it may pass 2^53). */
export function formatBytes(bytes: string | number, language: string): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${numberFormat(language, unit < 2 ? 0 : 1).format(value)} ${BYTE_UNITS[unit]}`;
}

/** The units a volume limit is typed in. */
export const VOLUME_UNITS = ["MB", "GB", "TB"] as const;
export type VolumeUnit = (typeof VOLUME_UNITS)[number];

const OCTETS: Record<VolumeUnit, bigint> = {
  MB: 1_000_000n,
  GB: 1_000_000_000n,
  TB: 1_000_000_000_000n,
};
const THOUSANDTHS = 1000n;

/** An amount such as 1.5 of a unit in octets, or null when it is not a number of at most three decimals. */
export function octetsOf(amount: string, unit: VolumeUnit): bigint | null {
  const parts = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(amount.trim());
  if (parts === null) return null;
  const thousandths =
    BigInt(parts[1] ?? "0") * THOUSANDTHS + BigInt((parts[2] ?? "").padEnd(3, "0"));
  return (thousandths * OCTETS[unit]) / THOUSANDTHS;
}

/** Octets in the largest unit that shows them exactly, for a form. */
export function volumeOf(octets: string | number): { amount: string; unit: VolumeUnit } {
  const exact = BigInt(octets);
  const fits = (octetsIn: bigint) => exact >= octetsIn && exact % (octetsIn / THOUSANDTHS) === 0n;
  const unit = [...VOLUME_UNITS].reverse().find((name) => fits(OCTETS[name])) ?? "MB";
  const thousandths = (exact * THOUSANDTHS) / OCTETS[unit];
  const whole = thousandths / THOUSANDTHS;
  const rest = String(thousandths % THOUSANDTHS)
    .padStart(3, "0")
    .replace(/0+$/, "");
  return { amount: rest === "" ? String(whole) : `${whole}.${rest}`, unit };
}

/** A duration as 3d 04:05:06 with the digits of the language. */
export function formatDuration(seconds: number, language: string): string {
  const number = new Intl.NumberFormat(numberLocale(language), { minimumIntegerDigits: 2 });
  const plain = new Intl.NumberFormat(numberLocale(language));
  const days = Math.floor(seconds / 86_400);
  const clock = [seconds / 3600, seconds / 60, seconds]
    .map((part, at) => number.format(Math.floor(part) % (at === 0 ? 24 : 60)))
    .join(":");
  return days > 0 ? `${plain.format(days)}d ${clock}` : clock;
}

/** A whole number with the grouping of the language. */
export function formatCount(count: number, language: string): string {
  return new Intl.NumberFormat(numberLocale(language)).format(count);
}

function numberLocale(language: string): string {
  return language === "bn" ? "bn-BD" : "en-IN";
}

function numberFormat(language: string, digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(numberLocale(language), { maximumFractionDigits: digits });
}
