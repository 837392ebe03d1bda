import { numberOrNull } from "@/lib/object";

const LONGEST = 240;

/** Whether the text of the input is a time that ended sessions can be kept for; blank is for ever. */
export function isKeepingTime(text: string): boolean {
  const months = numberOrNull(text);
  return months === null || (Number.isInteger(months) && months >= 1 && months <= LONGEST);
}

/** Whether another time deletes sessions that would have stayed; null keeps them for ever. */
export function forgetsMore(saved: number | null, wanted: number | null): boolean {
  return wanted !== null && (saved === null || wanted < saved);
}
