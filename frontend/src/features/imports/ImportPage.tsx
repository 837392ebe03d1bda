import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useState } from "react";
import { useFormat } from "@/api/format";
import { JobProgress } from "@/api/JobProgress";
import { Loaded } from "@/api/Loaded";
import { importResult } from "@/api/mutations";
import { importQuery } from "@/api/query";
import type { Import } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { Page, Panel } from "@/ui/Page";
import { ImportState } from "./ImportState";
import { MappingForm } from "./MappingForm";
import { PreviewPanel } from "./PreviewPanel";

/** One import from mapping to result; its id is in the URL, so a reload changes nothing. */
export function ImportPage() {
  const { importId } = useParams({ strict: false }) as { importId: string };
  return (
    <Loaded query={useQuery(importQuery(importId))}>
      {(view) => <ImportSteps view={view} key={view.id} />}
    </Loaded>
  );
}

function ImportSteps({ view }: { view: Import }) {
  const t = useT();
  const format = useFormat();
  const [mappingAgain, setMappingAgain] = useState(false);
  const open = view.state === "uploaded" || view.state === "previewed";
  const mapping = open && (view.preview === null || view.preview === undefined || mappingAgain);
  return (
    <Page
      title={
        <Group gap="xs" component="span">
          {view.file_name}
          <ImportState state={view.state} />
        </Group>
      }
      subtitle={t("import.rows_of", {
        format: t(`import_format.${view.format}`),
        rows: format.count(view.rows),
      })}
    >
      {mapping && <MappingForm view={view} onPreviewed={() => setMappingAgain(false)} />}
      {open && !mapping && <PreviewPanel view={view} onBack={() => setMappingAgain(true)} />}
      {!open && view.job_id && (
        <Panel title={t("import.progress")}>
          <JobProgress jobId={view.job_id} />
        </Panel>
      )}
      {(view.state === "done" || view.state === "failed") && <Finished view={view} />}
    </Page>
  );
}

function Finished({ view }: { view: Import }) {
  const t = useT();
  const { act, busy } = useAct();
  const download = async () => {
    const text = await act(() => importResult(view.id));
    if (text !== undefined) saveFile(`${view.file_name}.result.csv`, String(text));
  };
  return (
    <Group gap="xs">
      <Button component={Link} to="/customers">
        {t("import.see_customers")}
      </Button>
      <Button
        variant="default"
        leftSection={<Download size={16} />}
        loading={busy}
        onClick={() => void download()}
      >
        {t("import.result_file")}
      </Button>
    </Group>
  );
}

/** Hands a text to the browser as a download; the answer needs our token, so a link will not do. */
function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
