import { ActionIcon, Group, Modal, Stack, Text } from "@mantine/core";
import { X } from "lucide-react";
import * as z from "zod/mini";
import { AppForm, useClose } from "@/api/AppForm";
import { useFormat, useTimeZone } from "@/api/format";
import { grantPermission, revokePermission } from "@/api/mutations";
import { useMe } from "@/api/permissions";
import type { Permission, User } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { endOfDay } from "@/lib/dates";
import { SelectField, TextField, useChoices } from "@/ui/fields";

const schema = z.object({
  permission: z.string().check(z.minLength(1, "form.required")),
  expires_on: z.string(),
});

/** What one person may do beyond their role, each with an optional end. */
export function GrantsDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useT();
  const closeLabel = useClose();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("user.grants_of", { name: user.name })}
      closeButtonProps={closeLabel}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("user.grants_hint")}
        </Text>
        {user.grants.map((grant) => (
          <Grant key={grant.permission} user={user} grant={grant} />
        ))}
        {user.grants.length === 0 && <Text size="sm">{t("user.no_grants")}</Text>}
        <AddGrant user={user} key={user.grants.length} />
      </Stack>
    </Modal>
  );
}

function Grant({ user, grant }: { user: User; grant: User["grants"][number] }) {
  const t = useT();
  const format = useFormat();
  const { act, busy } = useAct();
  const name = t(`permission.${grant.permission}`);
  const revoke = () => act(() => revokePermission(user.id, grant.permission), "user.grant_revoked");
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">
        {name}
        {grant.expires_at && (
          <Text component="span" size="xs" c="dimmed" ms={8}>
            {t("user.grant_until", { date: format.date(grant.expires_at) })}
          </Text>
        )}
      </Text>
      <ActionIcon
        variant="default"
        loading={busy}
        aria-label={`${t("action.remove")}: ${name}`}
        onClick={() => void revoke()}
      >
        <X size={14} />
      </ActionIcon>
    </Group>
  );
}

function AddGrant({ user }: { user: User }) {
  const t = useT();
  const choices = useChoices();
  const timeZone = useTimeZone();
  const held = new Set<string>(user.grants.map((grant) => grant.permission));
  // Nobody can give away what they do not hold themselves.
  const offered = useMe().permissions.filter((permission) => !held.has(permission));
  return (
    <AppForm
      schema={schema}
      defaults={{ permission: "", expires_on: "" }}
      submitLabel={t("user.grant")}
      saved="user.granted"
      onSubmit={({ permission, expires_on }) =>
        grantPermission(user.id, {
          // Chosen from the list of permissions above.
          permission: permission as Permission,
          expires_at: expires_on === "" ? null : endOfDay(expires_on, timeZone),
        })
      }
    >
      <SelectField
        name="permission"
        label={t("field.permission")}
        data={choices(offered, "permission", "form.choose")}
      />
      <TextField name="expires_on" type="date" label={t("user.grant_end")} />
    </AppForm>
  );
}
