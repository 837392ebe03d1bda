import type { Router } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { Pill, type Tone } from "@/ui/Status";

export const TONES: Record<Router["state"], Tone> = {
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
  const text = useStateText();
  if (router.watched === false && router.state === "unchecked") {
    return <Pill tone="mute">{t("router.not_watched")}</Pill>;
  }
  return <Pill tone={TONES[router.state]}>{text(router)}</Pill>;
}

/** The state, or why it is out of reach where that is known. */
export function useStateText(): (router: Stated) => string {
  const t = useT();
  const cause = useCauseText();
  return ({ state, failure }) =>
    state === "unreachable" && failure ? cause(failure.cause) : t(`router_state.${state}`);
}

export function useCauseText(): (cause: string) => string {
  const optional = useOptionalText();
  return (cause) => optional(`router_cause.${cause}`) ?? cause;
}
