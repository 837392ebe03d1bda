import { Alert, SimpleGrid } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useNasChoices } from "@/api/choices";
import { createRouter, editRouter } from "@/api/networkMutations";
import type { Router } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { CheckField, PasswordField, SelectField, TextField } from "@/ui/fields";

const PORT = "8728";
const TLS_PORT = "8729";

const required = z.string().check(z.trim(), z.minLength(1, "form.required"));

const schema = z.object({
  name: required,
  address: required,
  port: z.string().check(z.regex(/^[1-9]\d{0,4}$/, "form.number")),
  tls: z.boolean(),
  username: required,
  password: z.string(),
  nas_id: z.string(),
  watched: z.boolean(),
});

type Values = z.infer<typeof schema>;

interface RouterDialogProps {
  /** Left out to add one. */
  router?: Router;
  etag?: string;
  onAdded?: (id: string) => void;
  onClose: () => void;
}

/** Adds a router, or edits the version of one that was on screen. */
export function RouterDialog({ router, etag: current, onAdded, onClose }: RouterDialogProps) {
  const t = useT();
  // The page goes on being read; what is edited is what was on screen when the dialog opened.
  const [etag] = useState(current);
  const save = async (values: Values) => {
    if (router !== undefined && etag !== undefined) {
      return editRouter(router.id, etag, changesOf(values));
    }
    const made = await createRouter({ ...settingsOf(values), password: values.password });
    onAdded?.(made.id);
    return made;
  };
  return (
    <DialogForm
      title={router ? t("edit.title", { name: router.name }) : t("router.add")}
      size="lg"
      schema={schema}
      defaults={valuesOf(router)}
      submitLabel={router ? t("action.save") : t("router.add")}
      saved={router ? "edit.saved" : "router.added"}
      onSubmit={save}
      onClose={onClose}
    >
      <Fields isNew={router === undefined} />
    </DialogForm>
  );
}

function Fields({ isNew }: { isNew: boolean }) {
  const t = useT();
  const nas = useNasChoices();
  const tls = useWatch<Values, "tls">({ name: "tls" });
  usePortOfTls(tls);
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField name="name" label={t("field.name")} required data-autofocus />
        <TextField
          name="address"
          label={t("router.address")}
          description={t("router.address_hint")}
          required
        />
      </SimpleGrid>
      <CheckField name="tls" label={t("router.tls")} description={t("router.tls_hint")} />
      {!tls && (
        <Alert color="yellow" variant="outline">
          {t("router.plain_warning")}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField name="port" label={t("router.port")} inputMode="numeric" required />
        <SelectField
          name="nas_id"
          label={t("router.nas")}
          data={[{ value: "", label: t("form.none") }, ...nas]}
        />
        <TextField
          name="username"
          label={t("field.username")}
          description={t("router.username_hint")}
          autoComplete="off"
          required
        />
        <PasswordField
          name="password"
          label={t("field.password")}
          description={isNew ? t("router.password_hint") : t("router.password_keep")}
          autoComplete="new-password"
        />
      </SimpleGrid>
      {!isNew && (
        <CheckField
          name="watched"
          label={t("router.watched")}
          description={t("router.watched_hint")}
        />
      )}
    </>
  );
}

/** The usual port follows the choice of TLS; one that was typed stays. */
function usePortOfTls(tls: boolean) {
  const { getValues, setValue } = useFormContext<Values>();
  const known = useRef(tls);
  useEffect(() => {
    // Not when the dialog opens: what is stored stays.
    if (known.current === tls) return;
    known.current = tls;
    const [usual, other] = tls ? [TLS_PORT, PORT] : [PORT, TLS_PORT];
    if (getValues("port") === other) setValue("port", usual);
  }, [tls, getValues, setValue]);
}

function valuesOf(router: Router | undefined): Values {
  return {
    name: router?.name ?? "",
    address: router?.address ?? "",
    port: String(router?.port ?? TLS_PORT),
    tls: router?.tls ?? true,
    username: router?.username ?? "",
    password: "",
    nas_id: router?.nas?.id ?? "",
    watched: router?.watched ?? true,
  };
}

function settingsOf(values: Values) {
  return {
    name: values.name.trim(),
    address: values.address.trim(),
    port: Number(values.port),
    tls: values.tls,
    username: values.username.trim(),
    nas_id: blankToNull(values.nas_id),
  };
}

function changesOf(values: Values) {
  return {
    ...settingsOf(values),
    watched: values.watched,
    password: values.password === "" ? null : values.password,
  };
}
