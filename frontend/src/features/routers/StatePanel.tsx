import { Alert, Stack, Text } from "@mantine/core";
import { useFormat } from "@/api/format";
import type { Router } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { useCauseText } from "./RouterState";

const COLORS: Record<Router["state"], string> = {
  unchecked: "blue",
  reachable: "green",
  unconfirmed: "yellow",
  fingerprint_changed: "red",
  unreachable: "red",
};

/** How the router fares in words, and what to do about it. */
export function StatePanel({ router }: { router: Router }) {
  const t = useT();
  const format = useFormat();
  const cause = useCauseText();
  const { state, failure } = router;
  const isDoubted = state === "reachable" && failure;
  const title =
    state === "unreachable" && failure ? cause(failure.cause) : t(`router_state.${state}`);
  return (
    <Alert
      color={isDoubted ? "yellow" : COLORS[state]}
      variant="outline"
      title={title}
      aria-live="polite"
      data-state={state}
    >
      <Stack gap={4}>
        {isDoubted && <Text size="sm">{t("router.doubted", { cause: cause(failure.cause) })}</Text>}
        <Advice router={router} />
        {failure?.detail && (
          <Text size="sm" className="lm-mono" style={{ overflowWrap: "anywhere" }}>
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
  const t = useT();
  const optional = useOptionalText();
  if (!router.watched) return <Text size="sm">{t("router.not_watched_hint")}</Text>;
  const key =
    router.state === "unreachable" && router.failure
      ? `router_advice.${router.failure.cause}`
      : `router_state_hint.${router.state}`;
  const params = { address: router.address, port: String(router.port) };
  const text = optional(key, params);
  return text === undefined ? null : <Text size="sm">{text}</Text>;
}
