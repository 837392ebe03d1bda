import { useFormat } from "@/api/format";
import type { Realm } from "@/api/types";
import { useT } from "@/i18n";
import { TwoLines } from "@/ui/TwoLines";

const TROUBLES = [
  "logins.busy",
  "logins.loop",
  "logins.unanswered",
  "reports.loop",
  "reports.unanswered",
] as const;

/** What became of the requests of a realm: how many were answered, and what went wrong. */
export function RealmState({ realm }: { realm: Realm }) {
  const t = useT();
  const format = useFormat();
  const known = new Map(realm.counters.map((counter) => [counter.name, counter]));
  const answered = known.get("logins.answered")?.value ?? 0;
  const troubles = TROUBLES.flatMap((name) => {
    const counter = known.get(name);
    return counter === undefined ? [] : [{ ...counter, name }];
  });
  if (realm.counters.length === 0) return <>{t("realm.state_unknown")}</>;
  return (
    <TwoLines
      first={t("realm.state_answered", { number: format.count(answered) })}
      second={troubles.map((trouble) => (
        <div key={trouble.name}>
          {t(`realm.trouble.${trouble.name}`, { number: format.count(trouble.value) })},{" "}
          {t("realm.trouble_last", { time: format.dateTime(trouble.last_at) })}
        </div>
      ))}
    />
  );
}
