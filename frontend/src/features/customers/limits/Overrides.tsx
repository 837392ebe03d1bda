import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { removeOverrides } from "@/api/networkMutations";
import { overridesQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import type { Schema } from "@/api/types";
import { useT } from "@/i18n";
import { Facts } from "@/ui/Facts";
import { Panel } from "@/ui/Page";
import type { CustomerTabProps } from "../CustomerPage";
import { OverridesDialog } from "./OverridesDialog";

type View = Schema<"OverridesView">;

/** What this customer has instead of what the package says. */
export function Overrides({ customer }: CustomerTabProps) {
  const query = useQuery(overridesQuery(customer.id));
  return (
    <Loaded query={query}>
      {(overrides) => <OverridesPanel customer={customer} overrides={overrides} />}
    </Loaded>
  );
}

function OverridesPanel({ customer, overrides }: CustomerTabProps & { overrides: View }) {
  const t = useT();
  const can = useCan();
  const [open, setOpen] = useState<"edit" | "remove" | null>(null);
  const close = () => setOpen(null);
  const isSet = Boolean(overrides.set_at);
  const facts = useOverrideFacts(overrides);
  return (
    <Panel
      title={
        <Group justify="space-between" gap="xs">
          {t("override.title")}
          {can("edit_speed_limit") && (
            <Group gap={6}>
              {isSet && (
                <Button size="compact-xs" variant="default" onClick={() => setOpen("remove")}>
                  {t("override.remove")}
                </Button>
              )}
              <Button size="compact-xs" variant="default" onClick={() => setOpen("edit")}>
                {isSet ? t("action.edit") : t("override.edit")}
              </Button>
            </Group>
          )}
        </Group>
      }
    >
      {isSet ? (
        <Facts facts={facts} />
      ) : (
        <Text size="sm" c="dimmed">
          {t("override.empty")}
        </Text>
      )}
      {open === "edit" && (
        <OverridesDialog customer={customer} overrides={overrides} onClose={close} />
      )}
      {open === "remove" && (
        <ConfirmDialog
          title={t("override.remove")}
          question={t("override.remove_question", { name: customer.name })}
          confirmLabel={t("override.remove")}
          saved="override.removed"
          danger
          onConfirm={() => removeOverrides(customer.id)}
          onClose={close}
        />
      )}
    </Panel>
  );
}

function useOverrideFacts(view: View) {
  const t = useT();
  const format = useFormat();
  const rate =
    view.down_kbps && view.up_kbps
      ? `${format.rate(view.down_kbps)} / ${format.rate(view.up_kbps)}`
      : null;
  return [
    { label: t("override.rate"), value: rate },
    {
      label: t("package.burst"),
      value:
        view.burst && `${format.rate(view.burst.down_kbps)} / ${format.rate(view.burst.up_kbps)}`,
    },
    { label: t("field.pool"), value: view.pool },
    { label: t("field.address_list"), value: view.address_list },
    { label: t("field.router_profile"), value: view.router_profile },
    { label: t("field.simultaneous_use"), value: view.simultaneous_use },
    { label: t("override.ipv6_prefix"), value: view.ipv6_prefix },
    { label: t("override.delegated_ipv6_prefix"), value: view.delegated_ipv6_prefix },
    { label: t("field.reason"), value: view.reason },
    { label: t("field.since"), value: format.dateTime(view.set_at) },
    { label: t("limits.until"), value: view.expires_at && format.dateTime(view.expires_at) },
  ].filter((fact) => fact.value !== null && fact.value !== undefined);
}
