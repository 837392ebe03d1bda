import { Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { limitsQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import type { Schema } from "@/api/types";
import { useT } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { Gauge } from "@/ui/Gauge";
import { Panel } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import type { CustomerTabProps } from "../CustomerPage";
import { Restrictions } from "../fair-use/Restrictions";
import { Overrides } from "./Overrides";
import { TopUpDialog } from "./TopUpDialog";

type Limits = Schema<"LimitsView">;
type Limit = Limits["limits"][number];
type TopUp = Limits["top_ups"][number];

/** What the package limits, how much of it is left, and what this customer has instead. */
export function LimitsTab({ customer }: CustomerTabProps) {
  const query = useQuery(limitsQuery(customer.id));
  return (
    <Stack gap="md">
      <Loaded query={query}>
        {(limits) => (
          <>
            <PackageLimits customer={customer} limits={limits} />
            <Restrictions restrictions={limits.restrictions} />
            {limits.top_ups.length > 0 && <TopUps topUps={limits.top_ups} />}
          </>
        )}
      </Loaded>
      <Overrides customer={customer} />
    </Stack>
  );
}

function PackageLimits({ customer, limits }: CustomerTabProps & { limits: Limits }) {
  const t = useT();
  const can = useCan();
  const [granting, setGranting] = useState(false);
  const mayGrant = can("edit_volume_limit") && limits.limits.length > 0;
  return (
    <Panel
      title={
        <Group justify="space-between" gap="xs">
          {t("limits.state")}
          {mayGrant && (
            <Button size="compact-xs" onClick={() => setGranting(true)}>
              {t("limits.grant")}
            </Button>
          )}
        </Group>
      }
    >
      {limits.limits.length === 0 ? (
        <EmptyState title={t("limits.none")} hint={t("limits.none_hint")} />
      ) : (
        <Stack gap="md">
          {limits.limits.map((limit) => (
            <LimitGauge key={limit.unit} limit={limit} />
          ))}
        </Stack>
      )}
      {granting && (
        <TopUpDialog
          customer={customer}
          limits={limits.limits}
          onClose={() => setGranting(false)}
        />
      )}
    </Panel>
  );
}

const ALL = 100;

function LimitGauge({ limit }: { limit: Limit }) {
  const t = useT();
  const format = useFormat();
  const amount = limit.unit === "octets" ? format.bytes : format.duration;
  const window = t(`usage_window.${limit.window}`);
  const label = limit.unit === "octets" ? "limits.volume" : "limits.time";
  const notes = [
    t("limits.left", { left: amount(limit.left) }),
    limit.carried_over > 0 && t("limits.rolled_over", { octets: amount(limit.carried_over) }),
    limit.granted > 0 && t("limits.granted_extra", { extra: amount(limit.granted) }),
    t("fair_use.window_ends", { time: format.dateTime(limit.resets_at) }),
    `${t("package.on_reached")}: ${t(`limit_effect.${limit.on_reached}`)}`,
  ];
  return (
    <Gauge
      label={t(label, { window })}
      percent={limit.total > 0 ? (limit.used / limit.total) * ALL : ALL}
      used={t("limits.used", { used: amount(limit.used), limit: amount(limit.total) })}
      left={notes.filter(Boolean).join(" · ")}
    />
  );
}

function TopUps({ topUps }: { topUps: TopUp[] }) {
  const t = useT();
  const format = useFormat();
  const columns: Column<TopUp>[] = [
    {
      id: "granted_at",
      header: t("field.at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.granted_at)}</span>,
    },
    {
      id: "amount",
      header: t("field.quantity"),
      card: "title",
      cell: (row) => (
        <strong className="lm-num">
          {[
            row.octets > 0 && format.bytes(row.octets),
            row.seconds > 0 && format.duration(row.seconds),
          ]
            .filter(Boolean)
            .join(" · ")}
        </strong>
      ),
    },
    {
      id: "valid_until",
      header: t("limits.valid_until"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.valid_until)}</span>,
    },
    {
      id: "granted_by",
      header: t("limits.granted_by"),
      cell: (row) => row.granted_by_name,
    },
    { id: "reason", wrap: true, header: t("field.reason"), cell: (row) => row.reason },
  ];
  return (
    <Section title={t("limits.top_ups")}>
      <div className="lm-surface">
        <DataTable
          label={t("limits.top_ups")}
          columns={columns}
          rows={topUps}
          rowKey={(row) => row.id}
        />
      </div>
    </Section>
  );
}
