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
      id: "account",
      header: t("field.account"),
      card: "title",
      cell: (row) => optional(`account.${row.account}`) ?? row.account,
    },
    {
      id: "kind",
      header: t("field.kind"),
      cell: (row) => optional(`account_kind.${row.kind}`) ?? row.kind,
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
            account: t("field.total"),
            kind: "",
            debit: view.total_debit,
            credit: view.total_credit,
          };
          return (
            <div className="lm-surface">
              <DataTable
                label={t("nav.trial_balance")}
                columns={columns}
                rows={[...view.items, total]}
                rowKey={(row) => row.account}
              />
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
