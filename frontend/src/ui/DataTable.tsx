import { useMediaQuery } from "@mantine/hooks";
import { createColumnHelper, type RowData, tableFeatures, useTable } from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import { type ReactNode, useMemo } from "react";

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  align?: "end";
  /** Long text that may take several lines. */
  wrap?: boolean;
  /** The values of the sort parameter that this column stands for. */
  sort?: { ascending: string; descending: string };
  /** On a phone the row is a card: its heading, the corner beside it, or left out. */
  card?: "title" | "corner" | "hidden";
}

export interface Sorting {
  value: string | undefined;
  onChange: (value: string) => void;
}

interface DataTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting;
}

/** A dense table on a desk, a list of cards on a phone. */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const narrow = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  return narrow ? <CardList {...props} /> : <WideTable {...props} />;
}

const features = tableFeatures({});

function WideTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, sorting, label } = props;
  const helper = useMemo(() => createColumnHelper<typeof features, Row>(), []);
  const table = useTable({
    features,
    columns: helper.columns(
      columns.map((column) =>
        helper.display({
          id: column.id,
          header: column.header,
          cell: (context) => column.cell(context.row.original),
        }),
      ),
    ),
    data: rows,
    getRowId: rowKey,
  });
  const byId = new Map(columns.map((column) => [column.id, column]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section style={{ overflowX: "auto" }} tabIndex={0} aria-label={label}>
      <table className="lm-table" aria-label={label}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => {
                const column = byId.get(header.column.id);
                return column ? (
                  <HeaderCell key={header.id} column={column} sorting={sorting} />
                ) : null;
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id}>
              {row.getAllCells().map((cell) => (
                <td
                  key={cell.id}
                  data-align={byId.get(cell.column.id)?.align}
                  data-wrap={byId.get(cell.column.id)?.wrap || undefined}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HeaderCell<Row>(props: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { column, sorting } = props;
  if (column.sort === undefined || sorting === undefined) {
    return (
      <th scope="col" data-align={column.align}>
        {column.header}
      </th>
    );
  }
  const { ascending, descending } = column.sort;
  const direction = directionOf(sorting.value, ascending, descending);
  const Icon = { ascending: ArrowUp, descending: ArrowDown, none: ArrowUpDown }[direction];
  return (
    <th scope="col" data-align={column.align} aria-sort={direction}>
      <button
        type="button"
        className="lm-sort"
        onClick={() => sorting.onChange(direction === "ascending" ? descending : ascending)}
      >
        {column.header}
        <Icon size={12} aria-hidden="true" />
      </button>
    </th>
  );
}

function directionOf(value: string | undefined, ascending: string, descending: string) {
  if (value === ascending) return "ascending";
  return value === descending ? "descending" : "none";
}

function CardList<Row>({ columns, rows, rowKey, label }: DataTableProps<Row>) {
  const titles = columns.filter((column) => column.card === "title");
  const corners = columns.filter((column) => column.card === "corner");
  const facts = columns.filter((column) => column.card === undefined);
  return (
    <section className="lm-cards" aria-label={label}>
      {rows.map((row) => (
        <article className="lm-card" key={rowKey(row)}>
          <div style={{ display: "flex", justifyContent: "space-between", gap: 12 }}>
            <div style={{ minWidth: 0 }}>
              {titles.map((column) => (
                <div key={column.id}>{column.cell(row)}</div>
              ))}
            </div>
            <div style={{ display: "flex", gap: 6, alignItems: "flex-start", flex: "none" }}>
              {corners.map((column) => (
                <div key={column.id}>{column.cell(row)}</div>
              ))}
            </div>
          </div>
          <dl>
            {facts.map((column) => (
              <CardFact key={column.id} label={column.header} value={column.cell(row)} />
            ))}
          </dl>
        </article>
      ))}
    </section>
  );
}

function CardFact({ label, value }: { label: string; value: ReactNode }) {
  if (value === null || value === undefined || value === "") return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
