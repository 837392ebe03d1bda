import { Button, Checkbox, Group, Modal, ScrollArea, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Controller } from "react-hook-form";
import * as z from "zod/mini";
import { DialogForm, useClose } from "@/api/AppForm";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat, useTimeZone } from "@/api/format";
import { createApiKey, revokeApiKey } from "@/api/mutations";
import { useMe } from "@/api/permissions";
import { apiKeysQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { ApiKey, Permission } from "@/api/types";
import { useT } from "@/i18n";
import { endOfDay } from "@/lib/dates";
import { numberOrNull } from "@/lib/object";
import { AddButton, actionsColumn, nameColumn, RowButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { TextAreaField, TextField } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { Secret } from "@/ui/Secret";
import { EmptyState } from "@/ui/States";

type Open =
  | { kind: "create" }
  | { kind: "created"; key: string }
  | { kind: "revoke"; entry: ApiKey }
  | null;

/** Keys for programs. A key is shown once, when it is made. */
export function ApiKeysPage() {
  const t = useT();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const columns = useKeyColumns((entry) => setOpen({ kind: "revoke", entry }));
  const create = (
    <AddButton label={t("api_key.create")} onClick={() => setOpen({ kind: "create" })} />
  );
  return (
    <Page title={t("nav.api_keys")} actions={create}>
      <ResourceList
        label={t("nav.api_keys")}
        query={useQuery(apiKeysQuery)}
        columns={columns}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t("api_key.empty")} hint={t("api_key.empty_hint")} />}
      />
      {open?.kind === "create" && (
        <CreateDialog onClose={close} onCreated={(key) => setOpen({ kind: "created", key })} />
      )}
      {open?.kind === "created" && <CreatedDialog value={open.key} onClose={close} />}
      {open?.kind === "revoke" && (
        <ConfirmDialog
          title={t("api_key.revoke")}
          question={t("api_key.revoke_question", { name: open.entry.name })}
          confirmLabel={t("api_key.revoke")}
          saved="api_key.revoked"
          danger
          onConfirm={() => revokeApiKey(open.entry.id)}
          onClose={close}
        />
      )}
    </Page>
  );
}

const DEFAULT_RATE = 60;

const schema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, "form.required")),
  permissions: z.array(z.string()).check(z.minLength(1, "form.choose_one")),
  allowed_ips: z.string(),
  expires_on: z.string(),
  rate_per_minute: z.string().check(z.regex(/^\d{0,6}$/, "form.number")),
});

function CreateDialog(props: { onClose: () => void; onCreated: (key: string) => void }) {
  const t = useT();
  const timeZone = useTimeZone();
  return (
    <DialogForm
      title={t("api_key.create")}
      schema={schema}
      defaults={{
        name: "",
        permissions: [],
        allowed_ips: "",
        expires_on: "",
        rate_per_minute: String(DEFAULT_RATE),
      }}
      submitLabel={t("api_key.create")}
      staysOpen
      onSubmit={async (values) => {
        const created = await createApiKey({
          name: values.name.trim(),
          // Ticked in the list of permissions below.
          permissions: values.permissions as Permission[],
          allowed_ips: values.allowed_ips.split(/[\s,]+/).filter(Boolean),
          expires_at: values.expires_on === "" ? null : endOfDay(values.expires_on, timeZone),
          rate_per_minute: numberOrNull(values.rate_per_minute) ?? DEFAULT_RATE,
        });
        props.onCreated(created.key);
      }}
      onClose={props.onClose}
    >
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <PermissionTicks />
      <TextAreaField
        name="allowed_ips"
        label={t("api_key.allowed_ips")}
        description={t("api_key.allowed_ips_hint")}
      />
      <SimpleGrid cols={2} spacing="sm">
        <TextField name="expires_on" type="date" label={t("field.expires_at")} />
        <TextField name="rate_per_minute" label={t("api_key.rate")} inputMode="numeric" />
      </SimpleGrid>
    </DialogForm>
  );
}

function PermissionTicks() {
  const t = useT();
  const held = useMe().permissions;
  return (
    <Controller
      name="permissions"
      render={({ field, fieldState }) => (
        <Checkbox.Group
          label={t("field.permissions")}
          value={field.value as string[]}
          onChange={field.onChange}
          error={fieldState.error ? t("form.choose_one") : undefined}
        >
          <ScrollArea.Autosize mah={200} type="auto" mt={6} viewportProps={{ tabIndex: 0 }}>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={6}>
              {held.map((permission) => (
                <Checkbox
                  key={permission}
                  size="xs"
                  value={permission}
                  label={t(`permission.${permission}`)}
                />
              ))}
            </SimpleGrid>
          </ScrollArea.Autosize>
        </Checkbox.Group>
      )}
    />
  );
}

function CreatedDialog({ value, onClose }: { value: string; onClose: () => void }) {
  const t = useT();
  const closeLabel = useClose();
  return (
    <Modal opened onClose={onClose} title={t("api_key.created")} closeButtonProps={closeLabel}>
      <Stack gap="sm">
        <Text size="sm">{t("api_key.once")}</Text>
        <Secret value={value} label={t("nav.api_keys")} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{t("action.done")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function useKeyColumns(onRevoke: (entry: ApiKey) => void): Column<ApiKey>[] {
  const t = useT();
  const format = useFormat();
  return [
    nameColumn(t("field.name")),
    {
      id: "permissions",
      wrap: true,
      header: t("field.permissions"),
      cell: (row) => row.permissions.map((permission) => t(`permission.${permission}`)).join(", "),
    },
    {
      id: "allowed_ips",
      wrap: true,
      header: t("api_key.allowed_ips"),
      cell: (row) => <span className="lm-mono">{row.allowed_ips.join(" ")}</span>,
    },
    {
      id: "expires_at",
      header: t("field.expires_at"),
      cell: (row) => <span className="lm-num">{format.date(row.expires_at)}</span>,
    },
    {
      id: "created_at",
      header: t("field.created_at"),
      cell: (row) => <span className="lm-num">{format.date(row.created_at)}</span>,
    },
    actionsColumn(t("field.actions"), (row) => (
      <RowButton label={t("api_key.revoke")} of={row.name} onClick={() => onRevoke(row)} />
    )),
  ];
}
