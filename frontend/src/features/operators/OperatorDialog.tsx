import * as z from "zod/mini";
import { DialogForm } from "@/api/AppForm";
import { useOperatorChoices } from "@/api/choices";
import { createOperator, editOperator } from "@/api/mutations";
import type { Operator } from "@/api/types";
import { useT } from "@/i18n";
import { blankToNull } from "@/lib/object";
import { SelectField, TextField, useChoices } from "@/ui/fields";

const STATUSES = ["active", "disabled"] as const;

const schema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, "form.required")),
  parent_id: z.string(),
  mobile: z.string(),
  email: z.string(),
  status: z.enum(STATUSES),
});

type Values = z.infer<typeof schema>;

/** Creates an operator, or a sub-operator when a parent is chosen; or edits one. */
export function OperatorDialog({
  operator,
  onClose,
}: {
  operator?: Operator;
  onClose: () => void;
}) {
  const t = useT();
  const choices = useChoices();
  const parents = useOperatorChoices();
  const send = (values: Values) => {
    const shared = {
      name: values.name.trim(),
      mobile: blankToNull(values.mobile),
      email: blankToNull(values.email),
    };
    if (operator) return editOperator(operator.id, { ...shared, status: values.status });
    const parent = blankToNull(values.parent_id);
    const kind = parent === null ? "operator" : "sub_operator";
    return createOperator({ ...shared, kind, parent_id: parent });
  };
  return (
    <DialogForm
      title={operator ? t("edit.title", { name: operator.name }) : t("operator.create")}
      schema={schema}
      defaults={{
        name: operator?.name ?? "",
        parent_id: operator?.parent?.id ?? "",
        mobile: operator?.mobile ?? "",
        email: operator?.email ?? "",
        status: operator?.status ?? "active",
      }}
      submitLabel={operator ? t("action.save") : t("operator.create")}
      saved="edit.saved"
      onSubmit={send}
      onClose={onClose}
    >
      <TextField name="name" label={t("field.name")} required data-autofocus />
      {!operator && (
        <SelectField
          name="parent_id"
          label={t("field.parent")}
          description={t("operator.parent_hint")}
          data={[{ value: "", label: t("form.none") }, ...parents]}
        />
      )}
      <TextField name="mobile" label={t("field.mobile")} type="tel" />
      <TextField name="email" label={t("field.email")} type="email" />
      {operator && (
        <SelectField
          name="status"
          label={t("field.status")}
          data={choices(STATUSES, "use_status")}
        />
      )}
    </DialogForm>
  );
}
