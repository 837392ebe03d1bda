import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure, useMediaQuery } from "@mantine/hooks";
import { ListFilter, Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useT } from "@/i18n";
import type { Choice } from "@/ui/fields";

/** The row of filters above a list; on a phone all but the first wait behind a button. */
export function FilterBar({ first, children }: { first?: ReactNode; children?: ReactNode }) {
  const t = useT();
  const narrow = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const [open, { toggle }] = useDisclosure(false);
  const collapsible = narrow && first !== undefined && children !== undefined;
  return (
    <Group gap="xs" role="search">
      {first}
      {collapsible && (
        <Button
          size="xs"
          variant="default"
          leftSection={<ListFilter size={14} />}
          aria-expanded={open}
          onClick={toggle}
        >
          {t("list.filters")}
        </Button>
      )}
      {(!collapsible || open) && children}
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
      w={{ base: "auto", xs: 210 }}
      style={{ flex: "1 1 auto", maxWidth: 260, minWidth: 150 }}
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
      maw={{ base: "none", xs: 118 }}
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
