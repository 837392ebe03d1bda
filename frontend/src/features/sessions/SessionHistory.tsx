import { Button, Group, NativeSelect, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNasChoices } from "@/api/choices";
import { useSessionColumns } from "@/api/columns";
import { useTimeZone } from "@/api/format";
import { sessionHistoryQuery } from "@/api/networkQuery";
import { ResourceList } from "@/api/ResourceList";
import type { SessionsSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import { useT } from "@/i18n";
import { instantOf, wallClockOf } from "@/lib/dates";
import { EmptyState } from "@/ui/States";

const TEXTS = ["address", "username", "mac"] as const;
const TIMES = ["at", "from", "to"] as const;

type Wanted = Record<(typeof TEXTS)[number] | (typeof TIMES)[number] | "nas_id", string>;

const LABELS = {
  address: "session.ip",
  username: "field.username",
  mac: "field.mac",
  at: "session.at",
  from: "session.history_from",
  to: "session.history_to",
} as const;

/** Sessions of the past: who had this address at this time. */
export function SessionHistory() {
  const t = useT();
  const { search, setFilters, seek } = useUrlList<SessionsSearch>();
  const { view: _view, search: _text, walled: _walled, ...filters } = search;
  return (
    <Stack gap="sm">
      <HistoryForm key={JSON.stringify(filters)} search={search} onSearch={setFilters} />
      <ResourceList
        label={t("session.history")}
        query={useQuery(sessionHistoryQuery(filters, true))}
        columns={useSessionColumns(true)}
        rowKey={(row) => row.id}
        seek={seek}
        empty={
          <EmptyState title={t("session.history_empty")} hint={t("session.history_empty_hint")} />
        }
      />
    </Stack>
  );
}

interface HistoryFormProps {
  search: SessionsSearch;
  onSearch: (changes: { [Key in keyof Wanted]: string | undefined }) => void;
}

function HistoryForm({ search, onSearch }: HistoryFormProps) {
  const t = useT();
  const timeZone = useTimeZone();
  const routers = useNasChoices();
  const [wanted, setWanted] = useState<Wanted>(() => wantedOf(search, timeZone));
  const set = (name: keyof Wanted, value: string) => setWanted({ ...wanted, [name]: value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const instant = (clock: string) => (clock === "" ? undefined : instantOf(clock, timeZone));
    onSearch({
      address: wanted.address.trim() || undefined,
      username: wanted.username.trim() || undefined,
      mac: wanted.mac.trim() || undefined,
      nas_id: wanted.nas_id || undefined,
      at: instant(wanted.at),
      // One instant says more than a stretch; the server takes one of the two.
      from: wanted.at === "" ? instant(wanted.from) : undefined,
      to: wanted.at === "" ? instant(wanted.to) : undefined,
    });
  };
  const clear = () =>
    onSearch({
      address: undefined,
      username: undefined,
      mac: undefined,
      nas_id: undefined,
      at: undefined,
      from: undefined,
      to: undefined,
    });
  return (
    <form onSubmit={submit} className="lm-surface" style={{ padding: "12px 14px" }}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" verticalSpacing="xs">
        {TEXTS.map((name) => (
          <TextInput
            key={name}
            size="xs"
            label={t(LABELS[name])}
            value={wanted[name]}
            onChange={(event) => set(name, event.currentTarget.value)}
          />
        ))}
        <NativeSelect
          size="xs"
          label={t("field.nas")}
          data={[{ value: "", label: t("session.all") }, ...routers]}
          value={wanted.nas_id}
          onChange={(event) => set("nas_id", event.currentTarget.value)}
        />
        {TIMES.map((name) => (
          <TextInput
            key={name}
            size="xs"
            type="datetime-local"
            label={t(LABELS[name])}
            value={wanted[name]}
            disabled={name !== "at" && wanted.at !== ""}
            onChange={(event) => set(name, event.currentTarget.value)}
          />
        ))}
        <Group gap="xs" align="flex-end">
          <Button size="xs" type="submit">
            {t("session.history_search")}
          </Button>
          <Button size="xs" variant="default" onClick={clear}>
            {t("session.clear")}
          </Button>
        </Group>
      </SimpleGrid>
    </form>
  );
}

function wantedOf(search: SessionsSearch, timeZone: string): Wanted {
  const clock = (instant: string | undefined) =>
    instant && !Number.isNaN(Date.parse(instant)) ? wallClockOf(instant, timeZone) : "";
  return {
    address: search.address ?? "",
    username: search.username ?? "",
    mac: search.mac ?? "",
    nas_id: search.nas_id ?? "",
    at: clock(search.at),
    from: clock(search.from),
    to: clock(search.to),
  };
}
