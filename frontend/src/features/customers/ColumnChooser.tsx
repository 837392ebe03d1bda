import { ActionIcon, Checkbox, Popover, Stack, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Columns3 } from "lucide-react";
import { useT } from "@/i18n";
import type { Column } from "@/ui/DataTable";

const ALWAYS_SHOWN = "name";

/** Which columns of a list show, remembered in this browser. */
export function useChosenColumns<Row>(
  key: string,
  columns: Column<Row>[],
  initiallyHidden: string[],
): { shown: Column<Row>[]; hidden: string[]; toggle: (id: string) => void } {
  const [hidden, setHidden] = useLocalStorage({
    key: `lastmile-columns-${key}`,
    defaultValue: initiallyHidden,
    getInitialValueInEffect: false,
  });
  return {
    shown: columns.filter((column) => !hidden.includes(column.id)),
    hidden,
    toggle: (id) =>
      setHidden(hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id]),
  };
}

export function ColumnChooser<Row>(props: {
  columns: Column<Row>[];
  hidden: string[];
  toggle: (id: string) => void;
}) {
  const t = useT();
  return (
    <Popover position="bottom-end" shadow="md">
      <Popover.Target>
        <Tooltip label={t("list.columns")}>
          <ActionIcon variant="default" size={30} aria-label={t("list.columns")}>
            <Columns3 size={16} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("list.columns")}>
        <Stack gap={6}>
          {props.columns
            .filter((column) => column.id !== ALWAYS_SHOWN)
            .map((column) => (
              <Checkbox
                key={column.id}
                size="xs"
                label={column.header}
                checked={!props.hidden.includes(column.id)}
                onChange={() => props.toggle(column.id)}
              />
            ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
