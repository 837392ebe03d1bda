import { Button, FileButton, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { useFormat } from "@/api/format";
import { createImport } from "@/api/mutations";
import { importsQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Import } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";
import { Page, Panel } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { ImportState } from "./ImportState";

const MAX_BYTES = 48 * 1024 * 1024;

/** Files brought in so far, and the place to bring another. */
export function ImportsPage() {
  const t = useT();
  return (
    <Page title={t("nav.imports")}>
      <Panel title={t("import.upload_title")}>
        <UploadBox />
      </Panel>
      <ResourceList
        label={t("nav.imports")}
        query={useQuery(importsQuery)}
        columns={useImportColumns()}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("import.empty")} hint={t("import.empty_hint")} />}
      />
    </Page>
  );
}

function UploadBox() {
  const t = useT();
  const navigate = useNavigate();
  const { act, busy } = useAct();
  const send = async (file: File | null) => {
    if (file === null) return;
    const created = await act(async () => {
      if (file.size > MAX_BYTES) throw new Error("too large");
      return createImport({ file_name: file.name, content: await file.text() });
    });
    if (created) await navigate({ to: "/imports/$importId", params: { importId: created.id } });
  };
  return (
    <Group gap="md">
      <FileButton onChange={(file) => void send(file)} accept=".csv,.rsc,.txt,text/csv,text/plain">
        {(props) => (
          <Button {...props} loading={busy} leftSection={<Upload size={16} />}>
            {t("import.choose_file")}
          </Button>
        )}
      </FileButton>
      <Text size="sm" c="dimmed" style={{ flex: 1, minWidth: 220 }}>
        {t("import.upload_hint")}
      </Text>
    </Group>
  );
}

function useImportColumns(): Column<Import>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "file_name",
      header: t("field.file"),
      card: "title",
      cell: (row) => (
        <Link to="/imports/$importId" params={{ importId: row.id }} className="lm-link">
          {row.file_name}
        </Link>
      ),
    },
    { id: "format", header: t("field.kind"), cell: (row) => t(`import_format.${row.format}`) },
    {
      id: "rows",
      header: t("field.rows"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.count(row.rows)}</span>,
    },
    {
      id: "state",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <ImportState state={row.state} />,
    },
    {
      id: "created_at",
      header: t("field.created_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.created_at)}</span>,
    },
  ];
}
