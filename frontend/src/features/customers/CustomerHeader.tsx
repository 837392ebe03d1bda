import { Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Balance } from "@/api/Balance";
import { useFormat } from "@/api/format";
import { CustomerStatus, Online } from "@/api/pills";
import type { Customer } from "@/api/types";
import { useT } from "@/i18n";
import { CustomerActions } from "./CustomerActions";

/** Who this is and how things stand, with the actions of the day beside it. */
export function CustomerHeader({ customer, etag }: { customer: Customer; etag: string }) {
  const t = useT();
  const format = useFormat();
  return (
    <section className="lm-surface" style={{ padding: "14px 16px" }} aria-label={customer.name}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Online online={customer.online} />
            <Title order={1} size="h3">
              {customer.name}
            </Title>
            <Text component="span" c="dimmed" className="lm-num">
              #{customer.number}
            </Text>
            <CustomerStatus status={customer.status} />
          </Group>
          <Text size="sm" c="dimmed" className="lm-mono" mt={2}>
            {customer.username}
          </Text>
        </div>
        <CustomerActions customer={customer} etag={etag} />
      </Group>
      <Group gap="xl" mt="sm" style={{ rowGap: 8 }}>
        <Headline label={t("field.balance")}>
          <Balance money={customer.balance} />
        </Headline>
        <Headline label={t("field.expires_at")}>
          <span className="lm-num">{format.dateTime(customer.expires_at)}</span>
        </Headline>
        <Headline label={t("field.package")}>{customer.package?.name ?? "–"}</Headline>
        <Headline label={t("field.price")}>
          <span className="lm-num">{format.money(customer.price)}</span>
        </Headline>
        <Headline label={t("field.online")}>
          {customer.online ? t("online.yes") : t("online.no")}
        </Headline>
      </Group>
    </section>
  );
}

function Headline({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text component="div" size="sm" fw={600}>
        {children}
      </Text>
    </div>
  );
}
