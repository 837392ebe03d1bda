import { Alert, Stack, Text } from "@mantine/core";
import { useFormat } from "@/api/format";
import type { Router } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import type { Tone } from "@/ui/Status";
import { TONES, useCauseText, useStateText } from "./RouterState";

const COLORS: Record<Tone, string> = {
  good: "green",
  warn: "yellow",
  bad: "red",
  info: "blue",
  mute: "gray",
};

/** How the router fares in words, and what to do about it. */
export function StatePanel({ router }: { router: Router }) {
  const t = useT();
  const format = useFormat();
  const cause = useCauseText();
  const text = useStateText();
  const { state, failure } = router;
  const isDoubted = state !== "unreachable" && failure;
  return (
    <Alert
      color={COLORS[isDoubted ? "warn" : TONES[state]]}
      variant="outline"
      title={text(router)}
      aria-live="polite"
    >
      <Stack gap={4}>
        {isDoubted && <Text size="sm">{t("router.doubted", { cause: cause(failure.cause) })}</Text>}
        {isDoubted && router.watched && <Text size="sm">{t("router.doubted_soon")}</Text>}
        <Advice router={router} />
        {!router.watched && <Text size="sm">{t("router.not_watched_hint")}</Text>}
        {failure?.detail && (
          <Text size="sm" className="lm-mono">
            {t("router.said", { words: failure.detail })}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {t("router.since", { time: format.dateTime(router.state_since) })}
          {" · "}
          {t("router.checked", { time: format.time(router.checked_at) })}
        </Text>
      </Stack>
    </Alert>
  );
}

function Advice({ router }: { router: Router }) {
  const optional = useOptionalText();
  const key =
    router.state === "unreachable" && router.failure
      ? `router_advice.${router.failure.cause}`
      : `router_state_hint.${router.state}`;
  const params = { address: router.address, port: String(router.port) };
  const text = optional(key, params);
  return text === undefined ? null : <Text size="sm">{text}</Text>;
}
