import type { Router } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { Pill, type Tone } from "@/ui/Status";

const TONES: Record<Router["state"], Tone> = {
  unchecked: "info",
  reachable: "good",
  unconfirmed: "warn",
  fingerprint_changed: "bad",
  unreachable: "bad",
};

type Stated = Pick<Router, "state" | "failure"> & { watched?: boolean };

/** Whether a router can be managed, and why not, in a few words. */
export function RouterStatePill({ router }: { router: Stated }) {
  const t = useT();
  const cause = useCauseText();
  if (router.watched === false) return <Pill tone="mute">{t("router.not_watched")}</Pill>;
  if (router.state === "unreachable" && router.failure) {
    return <Pill tone={TONES.unreachable}>{cause(router.failure.cause)}</Pill>;
  }
  return <Pill tone={TONES[router.state]}>{t(`router_state.${router.state}`)}</Pill>;
}

export function useCauseText(): (cause: string) => string {
  const optional = useOptionalText();
  return (cause) => optional(`router_cause.${cause}`) ?? cause;
}
