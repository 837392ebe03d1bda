import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { diagnosisQuery } from "@/api/networkQuery";
import type { Customer, Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { Panel } from "@/ui/Page";
import { Pill, type Tone } from "@/ui/Status";

type Finding = Schema<"FindingView">;

const TONES: Record<Finding["severity"], Tone> = { problem: "bad", warning: "warn", info: "info" };

/** Findings of the server about the line, the gravest first, each with what to do. */
export function Diagnosis({ customer }: { customer: Customer }) {
  const t = useT();
  const query = useQuery(diagnosisQuery(customer.id));
  return (
    <Panel
      title={
        <Group justify="space-between" gap="xs">
          {t(customer.online ? "connection.diagnosis_online" : "connection.diagnosis")}
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<RefreshCw size={13} />}
            loading={query.isFetching}
            onClick={() => void query.refetch()}
          >
            {t("connection.check_again")}
          </Button>
        </Group>
      }
    >
      <Loaded query={query}>
        {({ findings }) => (
          <Stack gap="sm" role="list">
            {findings.length === 0 && <Text size="sm">{t("connection.nothing_found")}</Text>}
            {findings.map((finding) => (
              <FindingItem key={`${finding.code} ${finding.sentence}`} finding={finding} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}

function FindingItem({ finding }: { finding: Finding }) {
  const t = useT();
  const format = useFormat();
  const words = useFindingWords();
  return (
    <Group gap="sm" align="flex-start" wrap="nowrap" role="listitem">
      <div style={{ flex: "none", minWidth: 96 }}>
        <Pill tone={TONES[finding.severity]}>{t(`severity.${finding.severity}`)}</Pill>
      </div>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {words.sentence(finding)}
        </Text>
        <Text size="sm" c="dimmed">
          {words.advice(finding)}
        </Text>
        {finding.at && (
          <Text size="xs" c="dimmed" className="lm-num">
            {format.dateTime(finding.at)}
          </Text>
        )}
      </div>
    </Group>
  );
}

type Part = "diagnosis" | "diagnosis_advice";

/** Words by code and cause; what no text is known for, the server says in English. */
function useFindingWords() {
  const optional = useOptionalText();
  const reasonOf = ({ code, cause }: Finding) =>
    optional(`${code === "suspended" ? "suspend_reason" : "answer"}.${cause}`);
  const text = (finding: Finding, part: Part) => {
    const { code, cause } = finding;
    const reason = reasonOf(finding);
    const refused = code === "last_login_refused" || code === "not_allowed_now";
    const keys = [
      cause && `${part}.${code}.${cause}`,
      cause && refused && part === "diagnosis_advice" && `refused_advice.${cause}`,
      reason && `${part}.${code}_for`,
      `${part}.${code}`,
    ];
    const params = { router: finding.router ?? "", reason: reason ?? "" };
    return keys
      .filter((key) => typeof key === "string")
      .map((key) => optional(key, params))
      .find(Boolean);
  };
  return {
    sentence: (finding: Finding) => text(finding, "diagnosis") ?? finding.sentence,
    advice: (finding: Finding) => text(finding, "diagnosis_advice") ?? finding.advice,
  };
}
