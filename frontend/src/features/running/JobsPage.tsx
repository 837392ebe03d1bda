import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FilterBar, FilterChoice } from "@/api/FilterBar";
import { useFormat } from "@/api/format";
import { cancelJob, retryJob } from "@/api/mutations";
import { JobState } from "@/api/pills";
import { jobsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import { JOB_STATES, type JobsSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import type { Job } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useOptionalText, useT } from "@/i18n";
import { RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { useChoices } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";

/** Background work: what runs, what has failed for good and waits for a person. */
export function JobsPage() {
  const t = useT();
  const choices = useChoices();
  const { search, setFilters, seek } = useUrlList<JobsSearch>();
  return (
    <Page title={t("nav.jobs")}>
      <FilterBar>
        <FilterChoice
          label={t("field.status")}
          choices={choices(JOB_STATES, "job_state")}
          value={search.state}
          onChange={(state) => setFilters({ state: JOB_STATES.find((known) => known === state) })}
        />
      </FilterBar>
      <ResourceList
        label={t("nav.jobs")}
        query={useQuery(jobsQuery(search))}
        columns={useJobColumns()}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("job.empty")} hint={t("job.empty_hint")} />}
      />
    </Page>
  );
}

function useJobColumns(): Column<Job>[] {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  return [
    {
      id: "kind",
      header: t("field.kind"),
      card: "title",
      cell: (row) => optional(`job_kind.${row.kind}`) ?? row.kind.replace(/_/g, " "),
    },
    {
      id: "state",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <JobState state={row.state} />,
    },
    {
      id: "progress",
      header: t("field.progress"),
      align: "end",
      cell: (row) => (
        <span className="lm-num">
          {format.count(row.progress_done)} / {format.count(row.progress_total)}
        </span>
      ),
    },
    {
      id: "attempts",
      header: t("field.attempts"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.count(row.attempts)}</span>,
    },
    { id: "error", wrap: true, header: t("field.error"), cell: (row) => row.error },
    {
      id: "created_at",
      header: t("field.created_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.created_at)}</span>,
    },
    {
      id: "finished_at",
      header: t("field.finished_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.finished_at)}</span>,
    },
    {
      id: "actions",
      header: t("field.actions"),
      align: "end",
      cell: (row) => <JobActions job={row} />,
    },
  ];
}

function JobActions({ job }: { job: Job }) {
  const t = useT();
  const { act, busy } = useAct();
  if (job.state === "dead") {
    return (
      <RowButton
        label={t("action.retry")}
        loading={busy}
        onClick={() => void act(() => retryJob(job.id), "job.retried")}
      />
    );
  }
  if (job.state !== "queued") return null;
  return (
    <Group justify="flex-end">
      <RowButton
        label={t("action.cancel")}
        loading={busy}
        onClick={() => void act(() => cancelJob(job.id), "job.cancelled")}
      />
    </Group>
  );
}
