import {
  Checkbox,
  type CheckboxProps,
  NativeSelect,
  type NativeSelectProps,
  PasswordInput,
  type PasswordInputProps,
  Text,
  Textarea,
  type TextareaProps,
  TextInput,
  type TextInputProps,
} from "@mantine/core";
import { get, useController, useFormContext, useWatch } from "react-hook-form";
import { type TextKey, useOptionalText, useT } from "@/i18n";
import { exampleAmount, readAmount } from "@/lib/money";
import { VOLUME_UNITS } from "@/lib/units";

/** Inputs bound to the surrounding form by name; an error shows under its own input. */
function useField(name: string) {
  const { register } = useFormContext();
  const error = useFieldMessage(name);
  return { ...register(name), ...(error === undefined ? {} : { error }) };
}

type Named<Props> = Omit<Props, "name" | "error"> & { name: string };

export function TextField({ name, ...rest }: Named<TextInputProps>) {
  return <TextInput {...rest} {...useField(name)} />;
}

export function PasswordField({ name, ...rest }: Named<PasswordInputProps>) {
  const t = useT();
  return (
    <PasswordInput
      visibilityToggleButtonProps={{ "aria-label": t("action.show_password") }}
      {...rest}
      {...useField(name)}
    />
  );
}

export function TextAreaField({ name, ...rest }: Named<TextareaProps>) {
  return <Textarea autosize minRows={2} {...rest} {...useField(name)} />;
}

export function CheckField({ name, ...rest }: Named<CheckboxProps>) {
  return <Checkbox {...rest} {...useField(name)} />;
}

export interface Choice {
  value: string;
  label: string;
}

/**
 * One of some choices. What the form holds is what is shown and what is sent: a value whose choice
 * has not arrived yet, or is not offered any more, stands as a choice of its own.
 */
export function SelectField({ name, data, ...rest }: Named<NativeSelectProps>) {
  const t = useT();
  const { field } = useController({ name });
  const error = useFieldMessage(name);
  const value = String(field.value ?? "");
  const missing = { value, label: value === "" ? "" : t("form.choice_unknown") };
  const offered = data ?? [];
  return (
    <NativeSelect
      {...rest}
      {...field}
      value={value}
      data={offers(offered, value) ? offered : [missing, ...offered]}
      {...(error === undefined ? {} : { error })}
    />
  );
}

/** Whether the value is among the choices, which may stand in groups. */
function offers(data: readonly unknown[], value: string): boolean {
  return data.some((item) => {
    if (typeof item !== "object" || item === null) return String(item) === value;
    if ("items" in item && Array.isArray(item.items)) return offers(item.items, value);
    return "value" in item && String(item.value) === value;
  });
}

/** An amount of money as people type it; one that is not certain says how it is written. */
export function AmountField({ name, currency, ...rest }: AmountFieldProps) {
  const t = useT();
  const text: unknown = useWatch({ name });
  const { error, ...bound } = useField(name);
  const read = readAmount(typeof text === "string" ? text : "", currency);
  const example = exampleAmount(currency);
  const proposed = "proposed" in read ? (read.proposed ?? example) : example;
  const refusal =
    "refused" in read ? t(`form.${AMOUNT_REFUSALS[read.refused]}`, { example, proposed }) : error;
  return (
    <TextInput
      inputMode="decimal"
      {...rest}
      {...bound}
      {...(error === undefined ? {} : { error: refusal })}
    />
  );
}

type AmountFieldProps = Named<TextInputProps> & { currency: string };

const AMOUNT_REFUSALS = {
  amount: "amount_such_as",
  comma: "amount_comma",
  decimals: "amount_decimals",
} as const;

/** The values of a union as choices, with texts found under a common prefix. */
export function useChoices(): <T extends string>(
  values: readonly T[],
  prefix: string,
  empty?: TextKey,
) => Choice[] {
  const t = useT();
  const optional = useOptionalText();
  return (values, prefix, empty) => {
    const choices = values.map((value) => ({
      value,
      label: optional(`${prefix}.${value}`) ?? value,
    }));
    return empty === undefined ? choices : [{ value: "", label: t(empty) }, ...choices];
  };
}

/** An amount with its unit, such as 10 GB; the form holds both under the name. */
export function VolumeField({ name, ...rest }: Named<TextInputProps>) {
  const t = useT();
  const { register } = useFormContext();
  const { error, ...amount } = useField(`${name}.amount`);
  const whole = useFieldMessage(name);
  const message = error ?? whole;
  return (
    <TextInput
      {...rest}
      {...amount}
      {...(message === undefined ? {} : { error: message })}
      inputMode="decimal"
      rightSectionWidth={74}
      rightSection={
        <NativeSelect
          variant="unstyled"
          aria-label={`${String(rest.label)}: ${t("form.unit")}`}
          data={[...VOLUME_UNITS]}
          {...register(`${name}.unit`)}
        />
      }
    />
  );
}

/** What is wrong with a part of the form as a whole, such as a list of rows. */
export function PartMessage({ name }: { name: string }) {
  const message = useFieldMessage(name);
  return message === undefined ? null : (
    <Text size="xs" c="var(--mantine-color-error)" role="alert">
      {message}
    </Text>
  );
}

function useFieldMessage(name: string): string | undefined {
  const { formState } = useFormContext();
  const optional = useOptionalText();
  const message: unknown =
    get(formState.errors, `${name}.root.message`) ?? get(formState.errors, `${name}.message`);
  return typeof message === "string" ? (optional(message) ?? message) : undefined;
}
