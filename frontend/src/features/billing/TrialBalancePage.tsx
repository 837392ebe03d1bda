import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { trialBalanceQuery } from "@/api/query";
import type { Schema } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { Page } from "@/ui/Page";

type Row = Schema<"TrialBalanceView">["items"][number];

/** Every account with its turnover; the two totals agree, or something is wrong. */
export function TrialBalancePage() {
  const t = useT();
  const format = useFormat();
  const optional = useOptionalText();
  const columns: Column<Row>[] = [
    {
      id: "kind",
      header: t("field.kind"),
      card: "title",
      cell: (row) => <strong>{optional(`account_kind.${row.kind}`) ?? row.kind}</strong>,
    },
    {
      id: "account",
      header: t("field.account"),
      cell: (row) =>
        row.account === "main" ? "" : (optional(`method.${row.account}`) ?? row.account),
    },
    {
      id: "debit",
      header: t("field.debit"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.money(row.debit)}</span>,
    },
    {
      id: "credit",
      header: t("field.credit"),
      align: "end",
      cell: (row) => <span className="lm-num">{format.money(row.credit)}</span>,
    },
  ];
  return (
    <Page title={t("nav.trial_balance")} subtitle={t("trial_balance.subtitle")}>
      <Loaded query={useQuery(trialBalanceQuery)}>
        {(view) => {
          const total = {
            account: "",
            kind: t("field.total"),
            debit: view.total_debit,
            credit: view.total_credit,
          };
          return (
            <div className="lm-surface">
              <DataTable
                label={t("nav.trial_balance")}
                columns={columns}
                rows={[...view.items, total]}
                rowKey={(row) => `${row.kind} ${row.account}`}
              />
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
