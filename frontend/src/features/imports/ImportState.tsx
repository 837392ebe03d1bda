import type { Import } from "@/api/types";
import { useT } from "@/i18n";
import { Pill, type Tone } from "@/ui/Status";

const TONES: Record<Import["state"], Tone> = {
  uploaded: "info",
  previewed: "info",
  running: "warn",
  done: "good",
  failed: "bad",
};

export function ImportState({ state }: { state: Import["state"] }) {
  const t = useT();
  return <Pill tone={TONES[state]}>{t(`import_state.${state}`)}</Pill>;
}
