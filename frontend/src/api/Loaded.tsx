import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState, Loading } from "@/ui/States";
import { useExplain } from "./useExplain";

/** Renders one loaded resource, or its loading and failed states. */
export function Loaded<T>(props: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}): ReactNode {
  const explain = useExplain();
  const { query } = props;
  if (query.isPending) return <Loading />;
  // A failed refresh keeps what was loaded before; the next one may succeed.
  if (query.data !== undefined) return props.children(query.data);
  return <ErrorState message={explain(query.error).message} onRetry={() => void query.refetch()} />;
}
