import { Button, Group, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { forgetLearntNas } from "@/api/networkMutations";
import { nasCountersQuery, oneNasQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import { Online, UsePill } from "@/api/pills";
import type { Nas, Schema } from "@/api/types";
import { useT } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { Facts } from "@/ui/Facts";
import { Page, Panel } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { EmptyState } from "@/ui/States";
import { NasCounters } from "./NasCounters";
import { EditNasDialog, NasSecretDialog } from "./NasDialogs";
import { UnsignedNotice } from "./Unsigned";

type Source = Schema<"NasSourceView">;
type Open = "edit" | "secret" | "forget" | null;

/** One router: its rules, what was learnt of it and what it asked. */
export function NasDetailPage() {
  const { nasId } = useParams({ strict: false }) as { nasId: string };
  return <Loaded query={useQuery(oneNasQuery(nasId))}>{(nas) => <Router nas={nas} />}</Loaded>;
}

function Router({ nas }: { nas: Nas }) {
  const t = useT();
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={
        <Group gap="xs" component="span">
          <Online online={nas.online} />
          {nas.name}
          <UsePill status={nas.status} />
        </Group>
      }
      subtitle={
        <Link to="/nas" className="lm-link">
          <ArrowLeft size={13} aria-hidden="true" /> {t("nas.back")}
        </Link>
      }
      actions={
        <>
          {can("reveal_secrets") && (
            <Button size="xs" variant="default" onClick={() => setOpen("secret")}>
              {t("nas.show_secret")}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setOpen("edit")}>
            {t("action.edit")}
          </Button>
        </>
      }
    >
      <UnsignedNotice nas={nas} />
      <Rules nas={nas} />
      <Known nas={nas} onForget={() => setOpen("forget")} />
      {open === "edit" && <EditNasDialog nas={nas} onClose={close} />}
      {open === "secret" && <NasSecretDialog nas={nas} onClose={close} />}
      {open === "forget" && (
        <ConfirmDialog
          title={t("nas.forget")}
          question={t("nas.forget_question", { name: nas.name })}
          confirmLabel={t("nas.forget")}
          saved="nas.forgotten"
          onConfirm={() => forgetLearntNas(nas.id)}
          onClose={close}
        />
      )}
    </Page>
  );
}

function Rules({ nas }: { nas: Nas }) {
  const t = useT();
  const format = useFormat();
  const limit = (count: number | null | undefined) =>
    count === null || count === undefined ? t("nas.no_limit") : format.count(count);
  return (
    <Panel title={t("nas.policy")}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" verticalSpacing={0}>
        <Facts
          facts={[
            { label: t("field.address_ip"), value: <span className="lm-mono">{nas.address}</span> },
            { label: t("field.coa_port"), value: nas.coa_port },
            { label: t("field.radsec_identity"), value: nas.radsec_identity },
            { label: t("field.last_seen_at"), value: format.dateTime(nas.last_seen_at) },
            {
              label: t("field.secret"),
              value:
                nas.old_secret_until &&
                t("nas.old_secret_until", { time: format.dateTime(nas.old_secret_until) }),
            },
          ].filter((fact) => fact.label !== t("field.secret") || fact.value)}
        />
        <Facts
          facts={[
            {
              label: t("field.message_authenticator"),
              value: t(`authenticator.${nas.require_message_authenticator}`),
            },
            {
              label: t("field.limit_proxy_state"),
              value: t(`limit_proxy_state.${nas.limit_proxy_state}`),
            },
            {
              label: t("nas.swap_octets_short"),
              value: nas.swap_octets ? t("word.yes") : t("word.no"),
            },
            { label: t("nas.max_requests_per_second"), value: limit(nas.max_requests_per_second) },
            { label: t("nas.max_in_flight"), value: limit(nas.max_in_flight) },
          ]}
        />
      </SimpleGrid>
    </Panel>
  );
}

function Known({ nas, onForget }: { nas: Nas; onForget: () => void }) {
  const t = useT();
  return (
    <Loaded query={useQuery(nasCountersQuery(nas.id))}>
      {(known) => (
        <Stack gap="md">
          <NasCounters known={known} />
          <Section
            title={t("nas.learnt")}
            hint={t("nas.learnt_hint")}
            actions={
              known.sources.length > 0 && (
                <Button size="xs" variant="default" onClick={onForget}>
                  {t("nas.forget")}
                </Button>
              )
            }
          >
            <div className="lm-surface">
              <Sources sources={known.sources} />
            </div>
          </Section>
        </Stack>
      )}
    </Loaded>
  );
}

function Sources({ sources }: { sources: Source[] }) {
  const t = useT();
  const format = useFormat();
  if (sources.length === 0) {
    return <EmptyState title={t("nas.learnt_empty")} hint={t("nas.learnt_empty_hint")} />;
  }
  const decided = (limits: boolean | null | undefined) => {
    if (limits === null || limits === undefined) return t("nas.undecided");
    return limits ? t("word.yes") : t("word.no");
  };
  const columns: Column<Source>[] = [
    {
      id: "address",
      header: t("field.address_ip"),
      card: "title",
      cell: (row) => <span className="lm-mono">{row.address}</span>,
    },
    {
      id: "signs",
      header: t("nas.signs"),
      cell: (row) =>
        row.message_authenticator_seen_at
          ? t("nas.signs_since", { time: format.dateTime(row.message_authenticator_seen_at) })
          : t("nas.undecided"),
    },
    {
      id: "proxy_state",
      header: t("nas.limits_proxy_state"),
      cell: (row) => decided(row.limits_proxy_state),
    },
    {
      id: "first_seen_at",
      header: t("nas.first_seen_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.first_seen_at)}</span>,
    },
    {
      id: "last_seen_at",
      header: t("field.last_seen_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.last_seen_at)}</span>,
    },
  ];
  return (
    <DataTable
      label={t("nas.learnt")}
      columns={columns}
      rows={sources}
      rowKey={(row) => row.address}
    />
  );
}
