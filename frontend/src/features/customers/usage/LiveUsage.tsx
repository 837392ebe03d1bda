import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useFormat } from "@/api/format";
import { AccessPill } from "@/api/pills";
import { type StreamState, useEvents } from "@/api/useEvents";
import { useT } from "@/i18n";
import { Panel } from "@/ui/Page";
import { StatTile } from "@/ui/StatTile";
import type { LiveSession, UsageNow } from "./usageNow";

const BITS_PER_KBIT = 1000;

/** What is used right now, told by the server as the router reports. */
export function LiveUsage({ customerId }: { customerId: string }) {
  const t = useT();
  const [watching, setWatching] = useState(false);
  const [now, setNow] = useState<UsageNow | null>(null);
  const path = watching ? `/api/v1/customers/${customerId}/usage/events` : null;
  const state = useEvents<UsageNow>(path, (_, told) => setNow(told));
  const toggle = () => {
    setNow(null);
    setWatching(!watching);
  };
  return (
    <Panel
      title={
        <Group justify="space-between" gap="xs">
          {t("usage.live")}
          <Button size="compact-xs" variant="default" onClick={toggle}>
            {watching ? t("usage.stop") : t("usage.check")}
          </Button>
        </Group>
      }
    >
      {watching ? (
        <Told now={now} state={state} />
      ) : (
        <Text size="sm" c="dimmed">
          {t("usage.live_hint")}
        </Text>
      )}
    </Panel>
  );
}

function Told({ now, state }: { now: UsageNow | null; state: StreamState }) {
  const t = useT();
  const format = useFormat();
  const sum = (amount: UsageNow["today"]) =>
    format.bytes(Number(amount.download_bytes) + Number(amount.upload_bytes));
  if (now === null) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {state === "ended" ? t("usage.live_ended") : t("usage.live_connecting")}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      {now.sessions.length === 0 && <Text size="sm">{t("usage.live_offline")}</Text>}
      {now.sessions.map((session) => (
        <OneSession key={session.session_id} session={session} />
      ))}
      <SimpleGrid cols={2} spacing="sm">
        <StatTile
          label={t("usage.today")}
          value={sum(now.today)}
          note={format.duration(now.today.seconds)}
        />
        <StatTile
          label={t("usage.month")}
          value={sum(now.month)}
          note={format.duration(now.month.seconds)}
        />
      </SimpleGrid>
      {state !== "open" && (
        <Text size="xs" c="dimmed" role="status">
          {state === "ended" ? t("usage.live_ended") : t("usage.live_connecting")}
        </Text>
      )}
    </Stack>
  );
}

function OneSession({ session }: { session: LiveSession }) {
  const t = useT();
  const format = useFormat();
  const speed = (bps: string) => format.rate(Number(bps) / BITS_PER_KBIT);
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <AccessPill access={session.walled ? "walled" : "open"} />
        <span className="lm-mono">{session.framed_ip}</span>
        <Text size="xs" c="dimmed">
          {t("usage.reported", { time: format.time(session.updated_at) })}
        </Text>
      </Group>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <StatTile
          label={t("usage.speed")}
          value={`${speed(session.download_bps)} / ${speed(session.upload_bps)}`}
        />
        <StatTile
          label={t("usage.session_now")}
          value={`${format.bytes(session.download_bytes)} / ${format.bytes(session.upload_bytes)}`}
          note={format.duration(session.seconds)}
        />
      </SimpleGrid>
    </Stack>
  );
}
