import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { endMySignIn } from "@/api/mutations";
import { mySignInsQuery } from "@/api/query";
import type { Schema } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { RowButton } from "@/ui/buttons";
import { type Column, DataTable } from "@/ui/DataTable";
import { Pill } from "@/ui/Status";

type MySignIn = Schema<"MySignInView">;

/** Every browser and app that is signed in as me, each of which I can end. */
export function MySignIns() {
  const t = useT();
  const format = useFormat();
  const columns: Column<MySignIn>[] = [
    {
      id: "user_agent",
      header: t("account.device"),
      card: "title",
      cell: (row) => (
        <Text size="sm" lineClamp={1} maw={420} title={row.user_agent ?? undefined}>
          {row.user_agent ?? "–"}
        </Text>
      ),
    },
    { id: "ip", header: t("field.ip"), cell: (row) => <span className="lm-mono">{row.ip}</span> },
    {
      id: "created_at",
      header: t("account.signed_in_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.created_at)}</span>,
    },
    {
      id: "last_used_at",
      header: t("account.last_used_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.last_used_at)}</span>,
    },
    {
      id: "actions",
      header: t("field.actions"),
      align: "end",
      card: "corner",
      cell: (row) => <End signIn={row} />,
    },
  ];
  return (
    <section className="lm-surface">
      <Text component="h2" fw={600} px="md" py="sm" m={0}>
        {t("account.sign_ins")}
      </Text>
      <Loaded query={useQuery(mySignInsQuery)}>
        {(list) => (
          <DataTable
            label={t("account.sign_ins")}
            columns={columns}
            rows={list.items}
            rowKey={(row) => row.id}
          />
        )}
      </Loaded>
    </section>
  );
}

function End({ signIn }: { signIn: MySignIn }) {
  const t = useT();
  const { act, busy } = useAct();
  if (signIn.current) return <Pill tone="good">{t("account.this_one")}</Pill>;
  return (
    <RowButton
      label={t("account.end")}
      loading={busy}
      onClick={() => void act(() => endMySignIn(signIn.id), "account.ended")}
    />
  );
}
