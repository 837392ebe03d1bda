import { Button, Group, Loader, SimpleGrid } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowLeft, RefreshCw } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { checkRouter, deleteRouter } from "@/api/networkMutations";
import { routerQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import type { Router } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { Facts } from "@/ui/Facts";
import { Page, Panel } from "@/ui/Page";
import { FingerprintPanel } from "./FingerprintPanel";
import { ResourcesPanel } from "./ResourcesPanel";
import { RouterDialog } from "./RouterDialog";
import { RouterHistory } from "./RouterHistory";
import { RouterStatePill } from "./RouterState";
import { StatePanel } from "./StatePanel";

type Open = "edit" | "delete" | null;

/** One router: how it fares and why, what it says of itself, and how it fared. */
export function RouterPage() {
  const { routerId } = useParams({ strict: false }) as { routerId: string };
  return (
    <Loaded query={useQuery(routerQuery(routerId))}>
      {({ view, etag }) => <OneRouter router={view} etag={etag} />}
    </Loaded>
  );
}

function OneRouter({ router, etag }: { router: Router; etag: string }) {
  const t = useT();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const remove = async () => {
    await deleteRouter(router.id);
    await navigate({ to: "/routers", search: {} });
  };
  return (
    <Page
      title={
        <Group gap="xs" component="span">
          {router.name}
          <RouterStatePill router={router} />
        </Group>
      }
      subtitle={
        <Link to="/routers" className="lm-link">
          <ArrowLeft size={13} aria-hidden="true" /> {t("router.back")}
        </Link>
      }
      actions={<Actions router={router} onOpen={setOpen} />}
    >
      <StatePanel router={router} />
      <FingerprintPanel router={router} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <ResourcesPanel router={router} />
        <SettingsPanel router={router} />
      </SimpleGrid>
      <RouterHistory router={router} />
      {open === "edit" && <RouterDialog router={router} etag={etag} onClose={close} />}
      {open === "delete" && (
        <ConfirmDialog
          title={t("action.delete")}
          question={t("router.delete_question", { name: router.name })}
          confirmLabel={t("action.delete")}
          saved="router.deleted"
          danger
          onConfirm={remove}
          onClose={close}
        />
      )}
    </Page>
  );
}

function Actions({ router, onOpen }: { router: Router; onOpen: (open: Open) => void }) {
  const t = useT();
  const can = useCan();
  const { act, busy } = useAct();
  const queryClient = useQueryClient();
  // The answer is put on screen at once, so that the button is busy until the router was looked at.
  const check = async () => {
    const view = await checkRouter(router.id);
    const { queryKey } = routerQuery(router.id);
    queryClient.setQueryData(queryKey, (known) => known && { ...known, view });
  };
  if (!can("manage_routers")) return null;
  const isChecking = busy || router.is_being_checked;
  return (
    <>
      <Button
        size="xs"
        leftSection={isChecking ? <Loader size={12} color="gray" /> : <RefreshCw size={14} />}
        disabled={isChecking}
        onClick={() => void act(check)}
      >
        {isChecking ? t("router.checking") : t("router.check_now")}
      </Button>
      <Button size="xs" variant="default" onClick={() => onOpen("edit")}>
        {t("action.edit")}
      </Button>
      <Button size="xs" variant="default" onClick={() => onOpen("delete")}>
        {t("action.delete")}
      </Button>
    </>
  );
}

function SettingsPanel({ router }: { router: Router }) {
  const t = useT();
  const format = useFormat();
  return (
    <Panel title={t("router.settings")}>
      <Facts
        facts={[
          {
            label: t("router.address"),
            value: <span className="lm-mono">{router.address}</span>,
          },
          { label: t("router.port"), value: router.port },
          { label: t("router.tls_short"), value: router.tls ? t("word.yes") : t("word.no") },
          { label: t("field.username"), value: router.username },
          {
            label: t("router.nas"),
            value: router.nas && (
              <Link to="/nas/$nasId" params={{ nasId: router.nas.id }} className="lm-link">
                {router.nas.name}
              </Link>
            ),
          },
          {
            label: t("router.watched_short"),
            value: router.watched ? t("word.yes") : t("word.no"),
          },
          { label: t("router.next_check_at"), value: format.time(router.next_check_at) },
        ]}
      />
    </Panel>
  );
}
