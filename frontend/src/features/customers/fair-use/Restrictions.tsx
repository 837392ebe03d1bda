import { Stack, Text } from "@mantine/core";
import { useFormat } from "@/api/format";
import type { Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { Panel } from "@/ui/Page";
import { Pill } from "@/ui/Status";
import { useTierWords } from "./tierWords";

type Restriction = Schema<"RestrictionView">;

/** What holds the customer back now, and until when. */
export function Restrictions({ restrictions }: { restrictions: Restriction[] }) {
  const t = useT();
  if (restrictions.length === 0) return null;
  return (
    <Panel title={t("limits.restrictions")}>
      <Stack gap="sm">
        {restrictions.map((restriction) => (
          <RestrictionItem key={restriction.cause} restriction={restriction} />
        ))}
      </Stack>
    </Panel>
  );
}

function RestrictionItem({ restriction }: { restriction: Restriction }) {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  const effect = useTierWords().effect({ ...restriction, ...restriction.rate });
  const what = optional(`limit_effect.${restriction.effect}`) ?? restriction.effect;
  return (
    <div>
      <Pill tone={restriction.effect === "throttle" ? "warn" : "bad"}>
        {optional(`restriction_cause.${restriction.cause}`) ?? restriction.cause}
        {restriction.tier ? ` · ${t("fair_use.tier", { tier: restriction.tier })}` : ""}
      </Pill>
      <Text size="sm" mt={4}>
        {[what, effect].filter(Boolean).join(": ")}
      </Text>
      <Text size="xs" c="dimmed" className="lm-num">
        {t("limits.since", { time: format.dateTime(restriction.since) })}
        {restriction.until &&
          ` · ${t("fair_use.mode_until", { time: format.dateTime(restriction.until) })}`}
        {restriction.manual && ` · ${t("limits.by_hand")}`}
      </Text>
    </div>
  );
}
