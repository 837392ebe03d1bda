import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Column, DataTable, type Sorting } from "@/ui/DataTable";
import { Pager } from "@/ui/Pager";
import { ErrorState, Loading } from "@/ui/States";
import type { Seek } from "./seek";
import { useExplain } from "./useExplain";

interface ListPage<Row> {
  items: Row[];
  next_cursor?: string | null;
  /** Short lists come whole and without a count. */
  total?: number;
  total_is_exact?: boolean;
}

interface ResourceListProps<Row> {
  label: string;
  query: UseQueryResult<ListPage<Row>>;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** Left out for a list that always comes whole. */
  seek?: Seek;
  sorting?: Sorting;
  empty: ReactNode;
}

/** A list of the server in all its states: loading, failed, empty, filled. */
export function ResourceList<Row extends object>(props: ResourceListProps<Row>) {
  return (
    <div className="lm-surface">
      <ListBody {...props} />
    </div>
  );
}

function ListBody<Row extends object>(props: ResourceListProps<Row>) {
  const { label, query, columns, rowKey, seek, sorting, empty } = props;
  const explain = useExplain();
  if (query.isPending) return <Loading />;
  // A failed refresh keeps what was loaded before; the next one may succeed.
  if (query.isError && query.data === undefined) {
    return (
      <ErrorState message={explain(query.error).message} onRetry={() => void query.refetch()} />
    );
  }
  const page = query.data;
  if (page.items.length === 0 && seek?.previous === undefined) return empty;
  const next = page.next_cursor;
  return (
    <div aria-busy={query.isPlaceholderData} style={{ opacity: query.isPlaceholderData ? 0.6 : 1 }}>
      <DataTable
        label={label}
        columns={columns}
        rows={page.items}
        rowKey={rowKey}
        {...(sorting ? { sorting } : {})}
      />
      {seek !== undefined && page.total !== undefined && (
        <Pager
          shown={page.items.length}
          total={page.total}
          totalIsExact={page.total_is_exact ?? true}
          limit={seek.limit}
          onLimit={seek.setLimit}
          onPrevious={seek.previous}
          onNext={next ? () => seek.next(next) : undefined}
        />
      )}
    </div>
  );
}
