import { Button, Group } from "@mantine/core";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { Column } from "./DataTable";

/** Opens the form for one more of a list. */
export function AddButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="sm" leftSection={<Plus size={16} />} onClick={onClick}>
      {label}
    </Button>
  );
}

interface RowButtonProps {
  label: string;
  /** The name of the row, so that the buttons of a list can be told apart when spoken. */
  of?: string;
  loading?: boolean;
  onClick: () => void;
}

/** A small button of one row. */
export function RowButton({ label, of, loading, onClick }: RowButtonProps) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      {...(of === undefined ? {} : { "aria-label": `${label}: ${of}` })}
      {...(loading === undefined ? {} : { loading })}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

/** The last column of a list: what can be done with the row. */
export function actionsColumn<Row>(header: string, cell: (row: Row) => ReactNode): Column<Row> {
  return {
    id: "actions",
    header,
    align: "end",
    cell: (row) => (
      <Group gap={6} justify="flex-end" wrap="nowrap">
        {cell(row)}
      </Group>
    ),
  };
}

/** The first column of a list: the name of the row in bold. */
export function nameColumn<Row extends { name: string }>(header: string): Column<Row> {
  return { id: "name", header, card: "title", cell: (row) => <strong>{row.name}</strong> };
}
