import { Alert } from "@mantine/core";
import { useFormat } from "@/api/format";
import type { Nas } from "@/api/types";
import { useT } from "@/i18n";
import { Pill } from "@/ui/Status";

/** Requests of a router were dropped because they were not signed: in few words, for the list. */
export function UnsignedPill({ nas }: { nas: Nas }) {
  const t = useT();
  const format = useFormat();
  if (!nas.unsigned_dropped) return null;
  return (
    <Pill tone="bad">
      {t("nas.unsigned_short", { number: format.count(nas.unsigned_dropped.count) })}
    </Pill>
  );
}

/** The same with what to do about it. */
export function UnsignedNotice({ nas }: { nas: Nas }) {
  const t = useT();
  const format = useFormat();
  const dropped = nas.unsigned_dropped;
  if (!dropped) return null;
  const title = t("nas.unsigned_title", {
    number: format.count(dropped.count),
    time: format.dateTime(dropped.last_at),
  });
  return (
    <Alert color="red" variant="outline" role="status" title={title}>
      {t("nas.unsigned_what_to_do")}
    </Alert>
  );
}
