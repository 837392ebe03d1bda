import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFormat } from "@/api/format";
import { useCan } from "@/api/permissions";
import { ispsQuery, tenanciesQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { Isp, Tenancy } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { CreateIspDialog, CreateTenancyDialog } from "./PlatformDialogs";

/** The ISPs of a platform, and the tenancies that own them. */
export function PlatformPage() {
  const can = useCan();
  return (
    <>
      {can("manage_isps") && <Isps />}
      {can("manage_tenancies") && (
        <div style={{ marginTop: 24 }}>
          <Tenancies />
        </div>
      )}
    </>
  );
}

function Isps() {
  const t = useT();
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={t("platform.isps")}
      actions={<AddButton label={t("platform.create_isp")} onClick={() => setCreating(true)} />}
    >
      <ResourceList
        label={t("platform.isps")}
        query={useQuery(ispsQuery)}
        columns={useIspColumns()}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("platform.no_isps")} hint={t("platform.no_isps_hint")} />}
      />
      {creating && <CreateIspDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Tenancies() {
  const t = useT();
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={t("platform.tenancies")}
      actions={<AddButton label={t("platform.create_tenancy")} onClick={() => setCreating(true)} />}
    >
      <ResourceList
        label={t("platform.tenancies")}
        query={useQuery(tenanciesQuery)}
        columns={useTenancyColumns()}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("platform.no_tenancies")} />}
      />
      {creating && <CreateTenancyDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function useIspColumns(): Column<Isp>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <strong>{row.name}</strong>,
    },
    { id: "country", header: t("field.country"), cell: (row) => row.country },
    { id: "currency", header: t("field.currency"), cell: (row) => row.currency },
    { id: "time_zone", header: t("field.time_zone"), cell: (row) => row.time_zone },
    {
      id: "created_at",
      header: t("field.created_at"),
      cell: (row) => <span className="lm-num">{format.date(row.created_at)}</span>,
    },
  ];
}

function useTenancyColumns(): Column<Tenancy>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <strong>{row.name}</strong>,
    },
    {
      id: "created_at",
      header: t("field.created_at"),
      cell: (row) => <span className="lm-num">{format.date(row.created_at)}</span>,
    },
  ];
}
