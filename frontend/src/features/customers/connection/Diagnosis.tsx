import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { diagnosisQuery } from "@/api/networkQuery";
import type { Customer, Schema } from "@/api/types";
import { useLanguage, useOptionalText, useT } from "@/i18n";
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
          {words(finding, "sentence")}
        </Text>
        <Text size="sm" c="dimmed">
          {words(finding, "advice")}
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

/** The server writes English and knows names and causes; other languages go by the code. */
function useFindingWords() {
  const language = useLanguage();
  const optional = useOptionalText();
  const prefixes = { sentence: "diagnosis", advice: "diagnosis_advice" };
  return (finding: Finding, part: "sentence" | "advice") => {
    if (language === "en") return finding[part];
    return optional(`${prefixes[part]}.${finding.code}`) ?? finding[part];
  };
}
