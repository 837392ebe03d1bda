import { Stack, Text } from "@mantine/core";
import { useFormat } from "@/api/format";
import type { Router } from "@/api/types";
import { useT } from "@/i18n";
import { Facts } from "@/ui/Facts";
import { Gauge } from "@/ui/Gauge";
import { Panel } from "@/ui/Page";

const PERCENT = 100;

/** What the router said of itself when it last answered. */
export function ResourcesPanel({ router }: { router: Router }) {
  const t = useT();
  const format = useFormat();
  const { facts } = router;
  if (!facts) {
    return (
      <Panel title={t("router.resources")}>
        <Text size="sm" c="dimmed">
          {t("router.no_facts")}
        </Text>
      </Panel>
    );
  }
  return (
    <Panel title={t("router.resources")}>
      <Stack gap="md">
        <Load facts={facts} />
        <Facts
          facts={[
            { label: t("router.identity"), value: facts.identity },
            { label: t("router.version"), value: facts.version },
            { label: t("router.board"), value: `${facts.board} · ${facts.architecture}` },
            {
              label: t("router.uptime"),
              value:
                typeof facts.uptime_seconds === "number"
                  ? format.duration(facts.uptime_seconds)
                  : null,
            },
            { label: t("router.ppp_sessions"), value: format.count(facts.ppp_sessions) },
            { label: t("router.hotspot_sessions"), value: format.count(facts.hotspot_sessions) },
            { label: t("field.last_seen_at"), value: format.time(router.last_seen_at) },
          ]}
        />
      </Stack>
    </Panel>
  );
}

function Load({ facts }: { facts: NonNullable<Router["facts"]> }) {
  const t = useT();
  const format = useFormat();
  const { cpu_load: cpu, free_memory: free, total_memory: total } = facts;
  const used = total && typeof free === "number" ? ((total - free) / total) * PERCENT : null;
  return (
    <>
      {typeof cpu === "number" && (
        <Gauge
          label={t("router.cpu")}
          percent={cpu}
          used={`${format.count(cpu)} %`}
          left={t("router.at_last_check")}
        />
      )}
      {used !== null && total && typeof free === "number" && (
        <Gauge
          label={t("router.memory")}
          percent={used}
          used={format.bytes(total - free)}
          left={t("router.memory_free", { free: format.bytes(free), total: format.bytes(total) })}
        />
      )}
    </>
  );
}
