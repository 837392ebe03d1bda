import { Alert, Group, Progress, Stack, Text } from "@mantine/core";
import { useOptionalText, useT } from "@/i18n";
import { useFormat } from "./format";
import { Loaded } from "./Loaded";
import { JobState } from "./pills";
import { jobEnded } from "./query";
import type { Job } from "./types";
import { useJob } from "./useJob";

/** Follows a job to its end; the id is enough, so a reload finds it again. */
export function JobProgress({ jobId }: { jobId: string }) {
  return <Loaded query={useJob(jobId)}>{(job) => <Progressing job={job} />}</Loaded>;
}

function Progressing({ job }: { job: Job }) {
  const t = useT();
  const format = useFormat();
  const total = Math.max(job.progress_total, 1);
  const ended = jobEnded(job);
  const percent = ended ? 100 : Math.floor((job.progress_done / total) * 100);
  return (
    <Stack gap="xs" aria-live="polite">
      <Group justify="space-between">
        <JobState state={job.state} />
        <Text size="sm" c="dimmed" className="lm-num">
          {t("job.progress", {
            done: format.count(job.progress_done),
            total: format.count(job.progress_total),
          })}
        </Text>
      </Group>
      <Progress
        value={percent}
        animated={!ended}
        color={job.state === "dead" ? "red" : "brand"}
        aria-label={t("job.progress_label")}
      />
      {job.error && (
        <Alert color="red" variant="outline" role="alert">
          {job.error}
        </Alert>
      )}
      {ended && <Outcomes result={job.result} />}
    </Stack>
  );
}

type Row = Record<string, unknown>;

/** The result of a job is an object; lists in it are shown row by row. */
function Outcomes({ result }: { result: unknown }) {
  const optional = useOptionalText();
  const rows = outcomeRows(result);
  if (rows.length === 0) return null;
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18, fontSize: 13 }}>
      {rows.map((row) => {
        const outcome = String(row["outcome"] ?? row["result"] ?? row["status"] ?? "");
        const name = [row["nas"], row["framed_ip"], row["session"], row["username"]]
          .filter((part) => typeof part === "string")
          .join(" · ");
        return (
          <li key={JSON.stringify(row)}>
            {name || String(row["session_id"] ?? "")}: {optional(`outcome.${outcome}`) ?? outcome}
          </li>
        );
      })}
    </ul>
  );
}

function outcomeRows(result: unknown): Row[] {
  if (typeof result !== "object" || result === null) return [];
  const list = Array.isArray(result) ? result : Object.values(result).find(Array.isArray);
  return ((list ?? []) as unknown[]).filter(
    (row): row is Row => typeof row === "object" && row !== null,
  );
}
