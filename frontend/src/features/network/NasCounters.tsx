import { SimpleGrid } from "@mantine/core";
import { useFormat } from "@/api/format";
import type { Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { Panel } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { ShareList } from "@/ui/ShareList";
import { EmptyState } from "@/ui/States";
import { StatTile } from "@/ui/StatTile";

type Known = Schema<"NasCountersView">;

/** How many requests came from a router, and what became of them. */
export function NasCounters({ known }: { known: Known }) {
  const t = useT();
  const format = useFormat();
  const counts = new Map(known.counters.map((counter) => [counter.name, counter.value]));
  const of = (name: string) => format.count(counts.get(name) ?? 0);
  const rejects = below(known, "rejects.");
  const refused = rejects.reduce((sum, part) => sum + part.value, 0);
  const walled = counts.get("accepts.walled") ?? 0;
  if (known.counters.length === 0) {
    return (
      <Section title={t("nas.counters")}>
        <div className="lm-surface">
          <EmptyState title={t("nas.counters_empty")} hint={t("nas.learnt_empty_hint")} />
        </div>
      </Section>
    );
  }
  return (
    <Section
      title={t("nas.counters")}
      hint={t("nas.counters_since", {
        since: format.dateTime(known.since),
        updated: format.time(known.updated_at),
      })}
    >
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm" mb="sm">
        <StatTile label={t("nas_counter.requests")} value={of("requests")} />
        <StatTile
          label={t("nas_counter.accepts")}
          value={of("accepts")}
          note={walled > 0 && `${format.count(walled)} ${t("nas_counter.accepts.walled")}`}
        />
        <StatTile label={t("nas_counter.rejects")} value={format.count(refused)} />
        <StatTile label={t("nas_counter.accounting")} value={of("accounting")} />
        <StatTile label={t("nas_counter.duplicates")} value={of("duplicates")} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="sm">
        <Shares group="rejects" texts="answer" parts={rejects} />
        <Shares group="discards" texts="discard" parts={below(known, "discards.")} />
        <Shares group="methods" texts="login_method" parts={below(known, "methods.")} />
      </SimpleGrid>
    </Section>
  );
}

interface Part {
  name: string;
  value: number;
}

function Shares(props: {
  group: "rejects" | "discards" | "methods";
  texts: string;
  parts: Part[];
}) {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  if (props.parts.length === 0) return null;
  return (
    <Panel title={t(`nas_counters.${props.group}`)}>
      <ShareList
        format={format.count}
        parts={props.parts.map(({ name, value }) => ({
          label: optional(`${props.texts}.${name}`) ?? name,
          value,
        }))}
      />
    </Panel>
  );
}

/** The counters under a prefix, the greatest first. */
function below(known: Known, prefix: string): Part[] {
  return known.counters
    .filter(({ name, value }) => name.startsWith(prefix) && value > 0)
    .map(({ name, value }) => ({ name: name.slice(prefix.length), value }))
    .sort((one, other) => other.value - one.value);
}
