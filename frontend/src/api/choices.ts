import { useQuery } from "@tanstack/react-query";
import type { Choice } from "@/ui/fields";
import { useCan, useMe } from "./permissions";
import { nasQuery, operatorsQuery, packagesQuery, zonesQuery } from "./query";
import type { Package } from "./types";

function toChoices(items: { id: string; name: string }[] | undefined): Choice[] {
  return (items ?? []).map((item) => ({ value: item.id, label: item.name }));
}

/** Packages that can still be sold. */
export function usePackageChoices(): { choices: Choice[]; packages: Package[] } {
  const packages = (useQuery(packagesQuery).data?.items ?? []).filter(
    (entry) => entry.status === "active",
  );
  return { choices: toChoices(packages), packages };
}

export function useZoneChoices(): Choice[] {
  return toChoices(useQuery(zonesQuery).data?.items);
}

/** Operators below the signed-in person; empty for those who manage none. */
export function useOperatorChoices(): Choice[] {
  const enabled = useCan()("manage_operators");
  return toChoices(useQuery({ ...operatorsQuery, enabled }).data?.items);
}

export function useNasChoices(): Choice[] {
  const can = useCan();
  const enabled = can("manage_routers") || can("view_sessions");
  return toChoices(useQuery({ ...nasQuery, enabled, refetchInterval: false }).data?.items);
}

/** The word this ISP uses for its resellers, when it has chosen one. */
export function useOperatorWord(usual: string): string {
  const label = useMe().isp?.operator_label;
  return label && label !== "Operator" ? label : usual;
}
