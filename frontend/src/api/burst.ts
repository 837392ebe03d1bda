import * as z from "zod/mini";
import type { Schema } from "./types";

/** The fields of a burst in a form: all of them blank when there is none. */
const wholeOrBlank = z.string().check(z.regex(/^\d{0,9}$/, "form.number"));

export const burstSchema = z.object({
  down_kbps: wholeOrBlank,
  up_kbps: wholeOrBlank,
  threshold_down_kbps: wholeOrBlank,
  threshold_up_kbps: wholeOrBlank,
  seconds: wholeOrBlank,
});

export type BurstValues = z.infer<typeof burstSchema>;

export function burstValues(burst: Schema<"Burst"> | null | undefined): BurstValues {
  return {
    down_kbps: String(burst?.down_kbps ?? ""),
    up_kbps: String(burst?.up_kbps ?? ""),
    threshold_down_kbps: String(burst?.threshold_down_kbps ?? ""),
    threshold_up_kbps: String(burst?.threshold_up_kbps ?? ""),
    seconds: String(burst?.seconds ?? ""),
  };
}

export function burstRequest(burst: BurstValues): Schema<"Burst"> | null {
  if (burst.down_kbps === "" && burst.up_kbps === "") return null;
  return {
    down_kbps: Number(burst.down_kbps),
    up_kbps: Number(burst.up_kbps),
    threshold_down_kbps: Number(burst.threshold_down_kbps),
    threshold_up_kbps: Number(burst.threshold_up_kbps),
    seconds: Number(burst.seconds),
  };
}
