import { useFormat } from "@/api/format";
import type { Schema } from "@/api/types";

type Tier = Schema<"FairUseTier">;

interface Effect {
  down_kbps?: number | null;
  up_kbps?: number | null;
  pool?: string | null;
  address_list?: string | null;
}

/** Thresholds and effects of tiers and restrictions in a few words. */
export function useTierWords() {
  const format = useFormat();
  const threshold = (tier: Tier) => {
    const parts = [
      tier.after_octets ? format.bytes(tier.after_octets) : null,
      tier.after_seconds ? format.duration(tier.after_seconds) : null,
    ].filter(Boolean);
    return parts.join(tier.needs === "all" ? " + " : " / ");
  };
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
  return { threshold, effect };
}
