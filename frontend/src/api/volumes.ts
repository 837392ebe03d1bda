import * as z from "zod/mini";
import { octetsOf, VOLUME_UNITS, type VolumeUnit, volumeOf } from "@/lib/units";

/** Volumes in forms: an amount and a unit there, octets on the wire. */
export const volumeSchema = z.object({ amount: z.string(), unit: z.enum(VOLUME_UNITS) }).check(
  z.refine(({ amount, unit }) => amount.trim() === "" || octetsOf(amount, unit) !== null, {
    error: "form.volume",
  }),
);

export interface VolumeInput {
  amount: string;
  unit: VolumeUnit;
}

export const NO_VOLUME: VolumeInput = { amount: "", unit: "GB" };

/** What a form shows for octets that may be missing. */
export function volumeInput(octets: number | string | null | undefined): VolumeInput {
  return octets === null || octets === undefined ? NO_VOLUME : volumeOf(octets);
}

/** What the server is told; null for a blank amount. */
export function octetsOrNull({ amount, unit }: VolumeInput): number | null {
  const octets = octetsOf(amount, unit);
  return octets === null ? null : Number(octets);
}
