import { SimpleGrid, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { DialogForm } from "@/api/AppForm";
import { BurstFields } from "@/api/BurstFields";
import { useCurrency } from "@/api/format";
import { createPackage, editPackage } from "@/api/mutations";
import type { Package } from "@/api/types";
import { useT } from "@/i18n";
import { AmountField, CheckField, SelectField, TextField, useChoices } from "@/ui/fields";
import { AccessFields } from "./AccessFields";
import { LimitFields } from "./LimitFields";
import { BILLING_TYPES, CYCLES, packageSchema, requestOf, valuesOf } from "./packageForm";

/** Creates a package, or edits the given one. */
export function PackageDialog({ entry, onClose }: { entry?: Package; onClose: () => void }) {
  const t = useT();
  const currency = useCurrency();
  return (
    <DialogForm
      title={entry ? t("edit.title", { name: entry.name }) : t("package.create")}
      size="lg"
      schema={packageSchema(currency)}
      defaults={valuesOf(entry)}
      submitLabel={entry ? t("action.save") : t("package.create")}
      saved={entry ? "edit.saved" : "package.created"}
      onSubmit={(values) => {
        const request = requestOf(values, currency);
        return entry ? editPackage(entry.id, request) : createPackage(request);
      }}
      onClose={onClose}
    >
      <MainFields currency={currency} />
      <Part title={t("package.burst")}>
        <Stack gap="sm">
          <BurstFields />
          <CheckField name="rate_managed_by_router" label={t("package.rate_by_router")} />
        </Stack>
      </Part>
      <Part title={t("package.pools")}>
        <PoolFields />
      </Part>
      <Part title={t("package.limits")}>
        <LimitFields />
      </Part>
      <Part title={t("package.access")}>
        <AccessFields />
      </Part>
    </DialogForm>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="lm-part">
      <summary>{title}</summary>
      {children}
    </details>
  );
}

function MainFields({ currency }: { currency: string }) {
  const t = useT();
  const choices = useChoices();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <AmountField
        name="price"
        currency={currency}
        label={t("field.price_in", { currency })}
        required
      />
      <TextField name="down_kbps" label={t("field.down_kbps")} inputMode="numeric" required />
      <TextField name="up_kbps" label={t("field.up_kbps")} inputMode="numeric" required />
      <SelectField name="cycle" label={t("field.cycle")} data={choices(CYCLES, "cycle")} />
      <SelectField
        name="billing_type"
        label={t("field.billing_type")}
        data={choices(BILLING_TYPES, "billing_type")}
      />
    </SimpleGrid>
  );
}

function PoolFields() {
  const t = useT();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextField name="pool" label={t("field.pool")} />
      <TextField name="address_list" label={t("field.address_list")} />
      <TextField name="router_profile" label={t("field.router_profile")} />
      <span />
      <TextField name="ipv6_pool" label={t("package.ipv6_pool")} />
      <TextField name="delegated_ipv6_pool" label={t("package.delegated_ipv6_pool")} />
    </SimpleGrid>
  );
}
