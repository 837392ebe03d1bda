import { SimpleGrid, Text } from "@mantine/core";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { BurstFields } from "@/api/BurstFields";
import { burstRequest, burstSchema, burstValues } from "@/api/burst";
import { useTimeZone } from "@/api/format";
import { setOverrides } from "@/api/networkMutations";
import type { Customer, Schema } from "@/api/types";
import { useT } from "@/i18n";
import { instantOf, wallClockOf } from "@/lib/dates";
import { blankToNull, numberOrNull } from "@/lib/object";
import { TextField } from "@/ui/fields";

type View = Schema<"OverridesView">;

const wholeOrBlank = z.string().check(z.regex(/^\d{0,9}$/, "form.number"));

const schema = z
  .object({
    down_kbps: wholeOrBlank,
    up_kbps: wholeOrBlank,
    burst: burstSchema,
    pool: z.string(),
    address_list: z.string(),
    router_profile: z.string(),
    simultaneous_use: wholeOrBlank,
    ipv6_prefix: z.string(),
    delegated_ipv6_prefix: z.string(),
    expires_at: z.string(),
    reason: z.string(),
  })
  .check(
    z.refine((values) => (values.down_kbps === "") === (values.up_kbps === ""), {
      path: ["up_kbps"],
      error: "override.rate_both",
    }),
    z.refine((values) => values.down_kbps !== "" || burstRequest(values.burst) === null, {
      path: ["down_kbps"],
      error: "override.burst_needs_rate",
    }),
  );

type Values = z.infer<typeof schema>;

interface OverridesDialogProps {
  customer: Customer;
  overrides: View;
  onClose: () => void;
}

/** Sets what replaces the package's terms, all of it at once. */
export function OverridesDialog({ customer, overrides, onClose }: OverridesDialogProps) {
  const t = useT();
  const timeZone = useTimeZone();
  return (
    <DialogForm
      title={`${t("override.title")}: ${customer.name}`}
      size="lg"
      schema={schema}
      defaults={valuesOf(overrides, timeZone)}
      submitLabel={t("action.save")}
      saved="override.saved"
      onSubmit={(values) => setOverrides(customer.id, requestOf(values, timeZone))}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        {t("override.hint")}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField
          name="down_kbps"
          label={t("field.down_kbps")}
          inputMode="numeric"
          data-autofocus
        />
        <TextField name="up_kbps" label={t("field.up_kbps")} inputMode="numeric" />
        <TextField name="pool" label={t("field.pool")} />
        <TextField name="address_list" label={t("field.address_list")} />
        <TextField name="router_profile" label={t("field.router_profile")} />
        <TextField
          name="simultaneous_use"
          label={t("field.simultaneous_use")}
          inputMode="numeric"
        />
        <TextField name="ipv6_prefix" label={t("override.ipv6_prefix")} />
        <TextField name="delegated_ipv6_prefix" label={t("override.delegated_ipv6_prefix")} />
        <TextField
          name="expires_at"
          type="datetime-local"
          label={t("limits.until")}
          description={t("override.expires_hint")}
        />
        <TextField name="reason" label={t("field.reason")} />
      </SimpleGrid>
      <details className="lm-part" open={Boolean(overrides.burst)}>
        <summary>{t("package.burst")}</summary>
        <BurstFields />
      </details>
    </DialogForm>
  );
}

function valuesOf(view: View, timeZone: string): Values {
  return {
    down_kbps: String(view.down_kbps ?? ""),
    up_kbps: String(view.up_kbps ?? ""),
    burst: burstValues(view.burst),
    pool: view.pool ?? "",
    address_list: view.address_list ?? "",
    router_profile: view.router_profile ?? "",
    simultaneous_use: String(view.simultaneous_use ?? ""),
    ipv6_prefix: view.ipv6_prefix ?? "",
    delegated_ipv6_prefix: view.delegated_ipv6_prefix ?? "",
    expires_at: view.expires_at ? wallClockOf(view.expires_at, timeZone) : "",
    reason: view.reason ?? "",
  };
}

function requestOf(values: Values, timeZone: string) {
  return {
    down_kbps: numberOrNull(values.down_kbps),
    up_kbps: numberOrNull(values.up_kbps),
    burst: burstRequest(values.burst),
    pool: blankToNull(values.pool),
    address_list: blankToNull(values.address_list),
    router_profile: blankToNull(values.router_profile),
    simultaneous_use: numberOrNull(values.simultaneous_use),
    ipv6_prefix: blankToNull(values.ipv6_prefix),
    delegated_ipv6_prefix: blankToNull(values.delegated_ipv6_prefix),
    expires_at: values.expires_at === "" ? null : instantOf(values.expires_at, timeZone),
    reason: blankToNull(values.reason),
  };
}
