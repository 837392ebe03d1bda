import { SimpleGrid } from "@mantine/core";
import { useOperatorWord } from "@/api/choices";
import { useFormat } from "@/api/format";
import { CustomerStatus } from "@/api/pills";
import type { Customer } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { Facts } from "@/ui/Facts";
import { Panel } from "@/ui/Page";

export function OverviewTab({ customer }: { customer: Customer }) {
  const t = useT();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Panel title={t("customers.section.service")}>
        <Service customer={customer} />
      </Panel>
      <Panel title={t("customers.section.person")}>
        <Person customer={customer} />
      </Panel>
    </SimpleGrid>
  );
}

function Service({ customer }: { customer: Customer }) {
  const t = useT();
  const optional = useOptionalText();
  const format = useFormat();
  const reason = customer.status_reason;
  return (
    <Facts
      facts={[
        { label: t("field.status"), value: <CustomerStatus status={customer.status} /> },
        {
          label: t("field.reason"),
          value: reason ? (optional(`suspend_reason.${reason}`) ?? reason) : null,
        },
        { label: t("field.since"), value: format.dateTime(customer.status_changed_at) },
        {
          label: t("field.connection_type"),
          value: t(`connection_type.${customer.connection_type}`),
        },
        { label: t("field.billing_type"), value: t(`billing_type.${customer.billing_type}`) },
        { label: t("field.package"), value: customer.package?.name },
        { label: t("field.price"), value: format.money(customer.price) },
        { label: t("field.expires_at"), value: format.dateTime(customer.expires_at) },
        { label: t("field.auto_renew"), value: customer.auto_renew ? t("word.yes") : t("word.no") },
        { label: t("field.static_ipv4"), value: customer.static_ipv4 },
      ]}
    />
  );
}

function Person({ customer }: { customer: Customer }) {
  const t = useT();
  const format = useFormat();
  const operatorWord = useOperatorWord(t("word.operator"));
  return (
    <Facts
      facts={[
        { label: t("field.mobile"), value: customer.mobile },
        { label: t("field.email"), value: customer.email },
        { label: t("field.national_id"), value: customer.national_id },
        { label: t("field.zone"), value: customer.zone?.name },
        { label: operatorWord, value: customer.operator?.name },
        { label: t("field.address"), value: customer.address },
        { label: t("field.notes"), value: customer.notes },
        { label: t("field.created_at"), value: format.dateTime(customer.created_at) },
        { label: t("field.updated_at"), value: format.dateTime(customer.updated_at) },
      ]}
    />
  );
}
