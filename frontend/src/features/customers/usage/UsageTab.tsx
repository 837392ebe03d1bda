import { Button, Group, SegmentedControl, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useFormat, useTimeZone } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { usageQuery } from "@/api/networkQuery";
import type { Schema } from "@/api/types";
import { useT } from "@/i18n";
import { addDays, addMonths, dateInZone } from "@/lib/dates";
import { BarChart } from "@/ui/BarChart";
import { type Column, DataTable } from "@/ui/DataTable";
import { Panel } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import type { CustomerTabProps } from "../CustomerPage";
import { LiveUsage } from "./LiveUsage";

type Usage = Schema<"UsageView">;
type Item = Usage["items"][number];
type Division = Usage["by"];

const DAYS = 31;
const MONTHS = 12;

/** What the customer used by day and month, and what is used right now. */
export function UsageTab({ customer }: CustomerTabProps) {
  const t = useT();
  const timeZone = useTimeZone();
  const [by, setBy] = useState<Division>("day");
  const [back, setBack] = useState(0);
  const stretch = stretchOf(dateInZone(new Date().toISOString(), timeZone), by, back);
  const query = useQuery(usageQuery(customer.id, { by, ...stretch }));
  const choose = (value: string) => {
    setBy(value === "month" ? "month" : "day");
    setBack(0);
  };
  return (
    <Stack gap="md">
      <LiveUsage customerId={customer.id} />
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          size="xs"
          aria-label={t("usage.by")}
          value={by}
          onChange={choose}
          data={[
            { value: "day", label: t("usage.by.day") },
            { value: "month", label: t("usage.by.month") },
          ]}
        />
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<ChevronLeft size={14} />}
            onClick={() => setBack(back + 1)}
          >
            {t("usage.earlier")}
          </Button>
          <Button
            size="xs"
            variant="default"
            rightSection={<ChevronRight size={14} />}
            disabled={back === 0}
            onClick={() => setBack(back - 1)}
          >
            {t("usage.later")}
          </Button>
        </Group>
      </Group>
      <Loaded query={query}>{(usage) => <UsagePanels usage={usage} />}</Loaded>
    </Stack>
  );
}

/** The stretch that many stretches back; the last one ends today. */
function stretchOf(today: string, by: Division, back: number): { from: string; to: string } {
  if (by === "day") {
    const to = addDays(today, -DAYS * back);
    return { from: addDays(to, 1 - DAYS), to };
  }
  const to = addMonths(today, -MONTHS * back);
  return { from: addMonths(to, 1 - MONTHS), to };
}

function UsagePanels({ usage }: { usage: Usage }) {
  const t = useT();
  const format = useFormat();
  const date = (day: string) => (usage.by === "day" ? format.day(day) : format.month(day));
  const columns = useUsageColumns(usage);
  const total = Number(usage.total.download_bytes) + Number(usage.total.upload_bytes);
  if (usage.items.length === 0) {
    return (
      <div className="lm-surface">
        <EmptyState title={t("usage.empty")} hint={t("usage.empty_hint")} />
      </div>
    );
  }
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <Panel title={`${date(usage.from)} – ${date(usage.to)}`}>
        <BarChart
          label={t("usage.chart", {
            by: t(`usage.by.${usage.by}`),
            from: date(usage.from),
            to: date(usage.to),
            total: format.bytes(total),
          })}
          bars={barsOf(usage).map(({ date: day, item }) => ({
            key: day,
            label: usage.by === "day" ? format.day(day) : format.shortMonth(day),
            description: `${date(day)}: ↓ ${format.bytes(item?.download_bytes ?? 0)}, ↑ ${format.bytes(item?.upload_bytes ?? 0)}`,
            values: [Number(item?.download_bytes ?? 0), Number(item?.upload_bytes ?? 0)],
          }))}
          series={[t("field.download"), t("field.upload")]}
          format={format.bytes}
        />
      </Panel>
      <div className="lm-surface lm-tall">
        <DataTable
          label={t("usage.title")}
          columns={columns}
          rows={[...usage.items].reverse()}
          rowKey={(row) => row.date}
        />
      </div>
    </SimpleGrid>
  );
}

/** Every day or month of the stretch; the server leaves out those without usage. */
function barsOf(usage: Usage): { date: string; item: Item | undefined }[] {
  const items = new Map(usage.items.map((item) => [item.date, item]));
  const bars: { date: string; item: Item | undefined }[] = [];
  const step = usage.by === "day" ? addDays : addMonths;
  for (let date = usage.from; date <= usage.to && bars.length < 400; date = step(date, 1)) {
    bars.push({ date, item: items.get(date) });
  }
  return bars;
}

function useUsageColumns(usage: Usage): Column<Item>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "date",
      header: t("usage.date"),
      card: "title",
      cell: (row) => (usage.by === "day" ? format.day(row.date) : format.month(row.date)),
    },
    {
      id: "download",
      header: t("field.download"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.bytes(row.download_bytes)}</span>,
    },
    {
      id: "upload",
      header: t("field.upload"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.bytes(row.upload_bytes)}</span>,
    },
    {
      id: "total",
      header: t("usage.total"),
      align: "end",
      cell: (row) => (
        <strong className="lm-num">
          {format.bytes(Number(row.download_bytes) + Number(row.upload_bytes))}
        </strong>
      ),
    },
    {
      id: "seconds",
      header: t("usage.time_online"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.duration(row.seconds)}</span>,
    },
  ];
}
