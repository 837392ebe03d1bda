import { Text } from "@mantine/core";
import { useWatch } from "react-hook-form";
import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useOperatorChoices, useOperatorWord } from "@/api/choices";
import { createUser, editUser, resetUserPassword } from "@/api/mutations";
import type { User } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { CheckField, PasswordField, SelectField, TextField, useChoices } from "@/ui/fields";
import { STAFF_ROLES } from "./roles";

const STATUSES = ["active", "disabled"] as const;
const required = z.string().check(z.trim(), z.minLength(1, "form.required"));
const password = z.string().check(z.minLength(10, "form.password_length"));

const createSchema = z.object({
  name: required,
  login: required,
  role: z.enum(STAFF_ROLES),
  operator_id: z.string(),
  password,
  email: z.string(),
  mobile: z.string(),
});

export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  return (
    <DialogForm
      title={t("user.create")}
      schema={createSchema}
      defaults={{
        name: "",
        login: "",
        role: "staff",
        operator_id: "",
        password: "",
        email: "",
        mobile: "",
      }}
      submitLabel={t("user.create")}
      saved="user.created"
      onSubmit={(values) =>
        createUser({
          name: values.name.trim(),
          login: values.login.trim(),
          role: values.role,
          password: values.password,
          email: blankToNull(values.email),
          mobile: blankToNull(values.mobile),
          operator_id: blankToNull(values.operator_id),
        })
      }
      onClose={onClose}
    >
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <TextField name="login" label={t("field.login")} required autoComplete="off" />
      <SelectField name="role" label={t("field.role")} data={choices(STAFF_ROLES, "role")} />
      <OperatorOfUser />
      <PasswordField
        name="password"
        label={t("field.first_password")}
        description={t("user.first_password_hint")}
        autoComplete="new-password"
        required
      />
      <TextField name="email" label={t("field.email")} type="email" />
      <TextField name="mobile" label={t("field.mobile")} type="tel" />
    </DialogForm>
  );
}

/** Only an account of a reseller belongs to one. */
function OperatorOfUser() {
  const t = useT();
  const operators = useOperatorChoices();
  const word = useOperatorWord(t("word.operator"));
  const role: unknown = useWatch({ name: "role" });
  if (role !== "operator" && role !== "sub_operator") return null;
  return (
    <SelectField
      name="operator_id"
      label={word}
      data={[{ value: "", label: t("form.choose") }, ...operators]}
    />
  );
}

const editSchema = z.object({
  name: required,
  email: z.string(),
  mobile: z.string(),
  status: z.enum(STATUSES),
});

export function EditUserDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useT();
  const choices = useChoices();
  return (
    <DialogForm
      title={t("edit.title", { name: user.name })}
      schema={editSchema}
      defaults={{
        name: user.name,
        email: user.email ?? "",
        mobile: user.mobile ?? "",
        status: user.status,
      }}
      submitLabel={t("action.save")}
      saved="edit.saved"
      onSubmit={(values) =>
        editUser(user.id, {
          name: values.name.trim(),
          email: blankToNull(values.email),
          mobile: blankToNull(values.mobile),
          status: values.status,
        })
      }
      onClose={onClose}
    >
      <TextField name="name" label={t("field.name")} required data-autofocus />
      <TextField name="email" label={t("field.email")} type="email" />
      <TextField name="mobile" label={t("field.mobile")} type="tel" />
      <SelectField name="status" label={t("field.status")} data={choices(STATUSES, "use_status")} />
    </DialogForm>
  );
}

const resetSchema = z.object({ password, remove_totp: z.boolean() });

export function ResetPasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const t = useT();
  return (
    <DialogForm
      title={t("user.reset_password")}
      schema={resetSchema}
      defaults={{ password: "", remove_totp: false }}
      submitLabel={t("user.reset_password")}
      saved="user.password_reset"
      onSubmit={(values) => resetUserPassword(user.id, values)}
      onClose={onClose}
    >
      <Text size="sm">{t("user.reset_question", { name: user.name })}</Text>
      <PasswordField
        name="password"
        label={t("field.first_password")}
        description={t("user.first_password_hint")}
        autoComplete="new-password"
        required
        data-autofocus
      />
      {user.totp_enabled && (
        <CheckField
          name="remove_totp"
          label={t("user.remove_totp")}
          description={t("user.remove_totp_hint")}
        />
      )}
    </DialogForm>
  );
}
