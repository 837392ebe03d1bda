import { SimpleGrid } from "@mantine/core";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useCurrency } from "@/api/format";
import { createPackage, editPackage } from "@/api/mutations";
import type { Package } from "@/api/types";
import { useT } from "@/i18n";
import { parseAmount } from "@/lib/money";
import { blankToNull } from "@/lib/object";
import { CheckField, SelectField, TextField, useChoices } from "@/ui/fields";

const CYCLES = ["daily", "weekly", "monthly", "quarterly", "yearly"] as const;
const BILLING_TYPES = ["prepaid", "postpaid"] as const;
const whole = z.string().check(z.regex(/^\d{1,9}$/, "form.number"));
const wholeOrBlank = z.string().check(z.regex(/^\d{0,9}$/, "form.number"));

const schema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, "form.required")),
  down_kbps: whole,
  up_kbps: whole,
  burst: z.object({
    down_kbps: wholeOrBlank,
    up_kbps: wholeOrBlank,
    threshold_down_kbps: wholeOrBlank,
    threshold_up_kbps: wholeOrBlank,
    seconds: wholeOrBlank,
  }),
  price: z.string().check(z.refine((text) => parseAmount(text) !== null, "form.amount")),
  cycle: z.enum(CYCLES),
  billing_type: z.enum(BILLING_TYPES),
  pool: z.string(),
  address_list: z.string(),
  router_profile: z.string(),
  simultaneous_use: whole,
  rate_managed_by_router: z.boolean(),
});

type Values = z.infer<typeof schema>;

/** Creates a package, or edits the given one. */
export function PackageDialog({ entry, onClose }: { entry?: Package; onClose: () => void }) {
  const t = useT();
  const currency = useCurrency();
  const send = (values: Values) => {
    const request = toRequest(values, currency);
    return entry ? editPackage(entry.id, request) : createPackage(request);
  };
  return (
    <DialogForm
      title={entry ? t("edit.title", { name: entry.name }) : t("package.create")}
      size="lg"
      schema={schema}
      defaults={defaultsOf(entry)}
      submitLabel={entry ? t("action.save") : t("package.create")}
      saved={entry ? "edit.saved" : "package.created"}
      onSubmit={send}
      onClose={onClose}
    >
      <MainFields currency={currency} />
      <details>
        <summary style={{ cursor: "pointer", fontSize: 14 }}>{t("package.network")}</summary>
        <NetworkFields />
      </details>
    </DialogForm>
  );
}

function MainFields({ currency }: { currency: string }) {
  const t = useT();
  const choices = useChoices();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <TextField
        name="price"
        label={t("field.price_in", { currency })}
        inputMode="decimal"
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

function NetworkFields() {
  const t = useT();
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" mt="sm">
      <TextField name="pool" label={t("field.pool")} />
      <TextField name="address_list" label={t("field.address_list")} />
      <TextField name="router_profile" label={t("field.router_profile")} />
      <TextField name="simultaneous_use" label={t("field.simultaneous_use")} inputMode="numeric" />
      <CheckField name="rate_managed_by_router" label={t("package.rate_by_router")} />
      <span />
      <TextField name="burst.down_kbps" label={t("package.burst_down")} inputMode="numeric" />
      <TextField name="burst.up_kbps" label={t("package.burst_up")} inputMode="numeric" />
      <TextField
        name="burst.threshold_down_kbps"
        label={t("package.threshold_down")}
        inputMode="numeric"
      />
      <TextField
        name="burst.threshold_up_kbps"
        label={t("package.threshold_up")}
        inputMode="numeric"
      />
      <TextField name="burst.seconds" label={t("package.burst_seconds")} inputMode="numeric" />
    </SimpleGrid>
  );
}

function defaultsOf(entry: Package | undefined): Values {
  return {
    name: entry?.name ?? "",
    down_kbps: String(entry?.down_kbps ?? ""),
    up_kbps: String(entry?.up_kbps ?? ""),
    burst: burstOf(entry),
    price: entry?.price.amount ?? "",
    cycle: entry?.cycle ?? "monthly",
    billing_type: entry?.billing_type ?? "prepaid",
    pool: entry?.pool ?? "",
    address_list: entry?.address_list ?? "",
    router_profile: entry?.router_profile ?? "",
    simultaneous_use: String(entry?.simultaneous_use ?? "1"),
    rate_managed_by_router: entry?.rate_managed_by_router ?? false,
  };
}

function burstOf(entry: Package | undefined): Values["burst"] {
  const burst = entry?.burst;
  return {
    down_kbps: String(burst?.down_kbps ?? ""),
    up_kbps: String(burst?.up_kbps ?? ""),
    threshold_down_kbps: String(burst?.threshold_down_kbps ?? ""),
    threshold_up_kbps: String(burst?.threshold_up_kbps ?? ""),
    seconds: String(burst?.seconds ?? ""),
  };
}

function toRequest(values: Values, currency: string) {
  const { burst } = values;
  const hasBurst = burst.down_kbps !== "" || burst.up_kbps !== "";
  return {
    name: values.name.trim(),
    down_kbps: Number(values.down_kbps),
    up_kbps: Number(values.up_kbps),
    burst: hasBurst
      ? {
          down_kbps: Number(burst.down_kbps),
          up_kbps: Number(burst.up_kbps),
          threshold_down_kbps: Number(burst.threshold_down_kbps),
          threshold_up_kbps: Number(burst.threshold_up_kbps),
          seconds: Number(burst.seconds),
        }
      : null,
    price: { amount: parseAmount(values.price) ?? values.price, currency },
    cycle: values.cycle,
    billing_type: values.billing_type,
    pool: blankToNull(values.pool),
    address_list: blankToNull(values.address_list),
    router_profile: blankToNull(values.router_profile),
    simultaneous_use: Number(values.simultaneous_use),
    rate_managed_by_router: values.rate_managed_by_router,
  };
}
