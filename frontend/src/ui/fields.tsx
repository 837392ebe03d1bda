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
import { get, useFormContext } from "react-hook-form";
import { type TextKey, useOptionalText, useT } from "@/i18n";
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

export function SelectField({ name, ...rest }: Named<NativeSelectProps>) {
  return <NativeSelect {...rest} {...useField(name)} />;
}

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
