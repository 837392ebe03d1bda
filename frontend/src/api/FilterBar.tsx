import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Choice } from "@/ui/fields";

/** The row of filters above a list. */
export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <Group gap="xs" role="search">
      {children}
    </Group>
  );
}

const TYPING_PAUSE = 300;

/** A search text that reaches the URL when typing pauses. */
export function FilterText(props: {
  label: string;
  value: string | undefined;
  onChange: (text: string | undefined) => void;
}) {
  const { label, value, onChange } = props;
  const [text, setText] = useState(value ?? "");
  const settle = useDebouncedCallback(
    (typed: string) => onChange(typed || undefined),
    TYPING_PAUSE,
  );
  useEffect(() => setText(value ?? ""), [value]);
  return (
    <TextInput
      size="xs"
      type="search"
      w={{ base: "100%", xs: 240 }}
      aria-label={label}
      placeholder={label}
      leftSection={<Search size={14} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        settle(event.currentTarget.value.trim());
      }}
    />
  );
}

/** One choice; the empty first entry names the filter and means "all". */
export function FilterChoice(props: {
  label: string;
  choices: Choice[];
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { label, choices, value, onChange } = props;
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      w={{ base: "calc(50% - 5px)", xs: "auto" }}
      maw={{ base: "none", xs: 190 }}
      data={[{ value: "", label }, ...choices]}
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

/** A calendar date. */
export function FilterDate(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { label, value, onChange } = props;
  return (
    <Group gap={6} wrap="nowrap">
      <span style={{ fontSize: 12, color: "var(--mantine-color-dimmed)" }} aria-hidden="true">
        {label}
      </span>
      <TextInput
        size="xs"
        type="date"
        aria-label={label}
        value={value ?? ""}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    </Group>
  );
}
