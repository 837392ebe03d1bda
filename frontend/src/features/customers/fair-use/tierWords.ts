import { useFormat } from "@/api/format";

interface Effect {
  down_kbps?: number | null;
  up_kbps?: number | null;
  pool?: string | null;
  address_list?: string | null;
}

/** Thresholds and effects of tiers and restrictions in a few words. */
export function useTierWords() {
  const format = useFormat();
  const effect = (of: Effect) =>
    [
      of.down_kbps && of.up_kbps
        ? `${format.rate(of.down_kbps)} / ${format.rate(of.up_kbps)}`
        : null,
      of.pool,
      of.address_list,
    ]
      .filter(Boolean)
      .join(" · ");
  return { effect };
}
