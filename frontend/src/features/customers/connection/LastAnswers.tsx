import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { loginAnswersQuery } from "@/api/networkQuery";
import { ResourceList } from "@/api/ResourceList";
import type { Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import { Pill, type Tone } from "@/ui/Status";
import { TwoLines } from "@/ui/TwoLines";

type Answer = Schema<"LoginAnswerView">;

export function LastAnswers({ customerId }: { customerId: string }) {
  const t = useT();
  return (
    <Section title={t("connection.answers")} hint={t("connection.answers_hint")}>
      <ResourceList
        label={t("connection.answers")}
        query={useQuery(loginAnswersQuery(customerId))}
        columns={useAnswerColumns()}
        rowKey={(row) => `${row.at} ${row.nas_id} ${row.answer}`}
        empty={
          <EmptyState
            title={t("connection.answers_empty")}
            hint={t("connection.answers_empty_hint")}
          />
        }
      />
    </Section>
  );
}

function useAnswerColumns(): Column<Answer>[] {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  return [
    {
      id: "at",
      header: t("field.at"),
      cell: (row) => <span className="lm-num">{format.time(row.at)}</span>,
    },
    {
      id: "answer",
      wrap: true,
      header: t("field.outcome"),
      card: "title",
      cell: (row) => (
        <TwoLines
          first={<Pill tone={toneOf(row)}>{optional(`answer.${row.answer}`) ?? row.answer}</Pill>}
          second={row.message}
        />
      ),
    },
    {
      id: "nas",
      header: t("field.nas"),
      cell: (row) => (
        <TwoLines
          first={row.nas_name}
          second={row.nas_address && <span className="lm-mono">{row.nas_address}</span>}
        />
      ),
    },
    {
      id: "device",
      header: t("connection.device"),
      cell: (row) => (
        <TwoLines
          first={<span className="lm-mono">{row.calling_station_id ?? "–"}</span>}
          second={<span className="lm-mono">{row.username}</span>}
        />
      ),
    },
    {
      id: "method",
      header: t("field.method"),
      cell: (row) => row.method && (optional(`login_method.${row.method}`) ?? row.method),
    },
  ];
}

function toneOf(answer: Answer): Tone {
  if (!answer.accepted) return "bad";
  return answer.answer === "accept" ? "good" : "warn";
}
