import { zodResolver } from "@hookform/resolvers/zod";
import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import {
  type DefaultValues,
  type FieldPath,
  type FieldValues,
  FormProvider,
  get,
  type UseFormReturn,
  useForm,
} from "react-hook-form";
import type * as z from "zod/mini";
import { type TextKey, useT } from "@/i18n";
import { toast } from "@/ui/toast";
import { useExplain } from "./useExplain";

export interface AppFormProps<Values extends FieldValues> {
  schema: z.ZodMiniType<Values, Values>;
  defaults: NoInfer<DefaultValues<Values>>;
  /** Sends the form; what it throws is shown at the field it concerns, or above the buttons. */
  onSubmit: (values: NoInfer<Values>) => Promise<unknown>;
  onCancel?: (() => void) | undefined;
  submitLabel: string;
  /** Told to the person when it worked. */
  saved?: TextKey | undefined;
  danger?: boolean | undefined;
  children: ReactNode;
}

/** The one way this application sends a form. */
export function AppForm<Values extends FieldValues>(props: AppFormProps<Values>) {
  const t = useT();
  const explain = useExplain();
  const queryClient = useQueryClient();
  const [failure, setFailure] = useState<string | null>(null);
  const form = useForm<Values, unknown, Values>({
    resolver: zodResolver(props.schema),
    defaultValues: props.defaults,
  });

  const submit = form.handleSubmit(async (values) => {
    setFailure(null);
    try {
      await props.onSubmit(values);
      void queryClient.invalidateQueries();
      if (props.saved) toast(t(props.saved));
    } catch (error) {
      const { message, fields } = explain(error);
      const unplaced = fields.filter((field) => !placeError(form, field.path, field.message));
      const rest = unplaced.map((field) => `${field.path}: ${field.message}`);
      setFailure(fields.length > unplaced.length ? null : [message, ...rest].join(" "));
    }
  });

  return (
    <FormProvider {...form}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="sm">
          {props.children}
          {failure !== null && (
            <Alert color="red" variant="outline" role="alert">
              {failure}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs" mt="xs">
            {props.onCancel !== undefined && (
              <Button variant="default" onClick={props.onCancel}>
                {t("action.cancel")}
              </Button>
            )}
            <Button
              type="submit"
              loading={form.formState.isSubmitting}
              {...(props.danger ? { color: "red.9" } : {})}
            >
              {props.submitLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </FormProvider>
  );
}

/** Puts a server error on its input; false when the form has no such input. */
function placeError<Values extends FieldValues>(
  form: UseFormReturn<Values, unknown, Values>,
  path: string,
  message: string,
): boolean {
  const known = [path, path.replace(/\.amount$/, "")].find(
    (candidate) => get(form.getValues(), candidate) !== undefined,
  );
  if (known === undefined) return false;
  form.setError(known as FieldPath<Values>, { message });
  return true;
}

interface DialogFormProps<Values extends FieldValues> extends AppFormProps<Values> {
  title: string;
  onClose: () => void;
  size?: string;
  /** Keep the dialog open after sending, for one that shows the outcome. */
  staysOpen?: boolean | undefined;
}

/** A form in a dialog; closes when the server has agreed. Mount it only while it is open. */
export function DialogForm<Values extends FieldValues>(props: DialogFormProps<Values>) {
  const { title, onClose, onSubmit, size, staysOpen, ...form } = props;
  return (
    <Modal opened onClose={onClose} title={title} size={size ?? "md"} closeButtonProps={useClose()}>
      <AppForm
        {...form}
        onCancel={onClose}
        onSubmit={async (values) => {
          await onSubmit(values);
          if (!staysOpen) onClose();
        }}
      />
    </Modal>
  );
}

export function useClose() {
  const t = useT();
  return { "aria-label": t("action.close_dialog") };
}
