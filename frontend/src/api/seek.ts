import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { compact } from "@/lib/object";
import type { PageSize } from "@/lib/url";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The cursors of the pages before this one; kept with the history entry. */
    trail?: string[];
  }
}

/** Seek pagination as the list component sees it. */
export interface Seek {
  limit: PageSize;
  setLimit: (limit: PageSize) => void;
  next: (cursor: string) => void;
  previous: (() => void) | undefined;
}

export const DEFAULT_LIMIT: PageSize = 50;

interface Seekable {
  cursor?: string | undefined;
  limit?: PageSize | undefined;
}

/** New values of some filters; undefined removes one from the URL. */
export type Changes<Search> = { [Key in keyof Search]?: Search[Key] | undefined };

/** Filters, page size and position of a list, all in the URL. */
export function useUrlList<Search extends Seekable>(): {
  search: Search;
  setFilters: (changes: Changes<Search>) => void;
  seek: Seek;
} {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as unknown as Search;
  const trail = useLocation({ select: (location) => location.state.trail }) ?? [];

  const go = (changes: object, newTrail: string[], replace: boolean) =>
    void navigate({
      to: ".",
      search: compact({ ...search, ...changes }) as never,
      state: { trail: newTrail },
      replace,
    });

  const previous = () => go({ cursor: trail.at(-1) }, trail.slice(0, -1), false);
  return {
    search,
    setFilters: (changes) => go({ cursor: undefined, ...changes }, [], true),
    seek: {
      limit: search.limit ?? DEFAULT_LIMIT,
      setLimit: (limit) => go({ limit, cursor: undefined }, [], true),
      next: (cursor) => go({ cursor }, [...trail, search.cursor ?? ""], false),
      previous: search.cursor === undefined ? undefined : previous,
    },
  };
}

/** The same for a list inside a page, where the URL names the page and not the position. */
export function useLocalSeek(): Seek & Seekable {
  const [limit, setLimit] = useState<PageSize>(DEFAULT_LIMIT);
  const [trail, setTrail] = useState<string[]>([]);
  const cursor = trail.at(-1);
  return {
    cursor,
    limit,
    setLimit: (size) => {
      setLimit(size);
      setTrail([]);
    },
    next: (nextCursor) => setTrail([...trail, nextCursor]),
    previous: trail.length > 0 ? () => setTrail(trail.slice(0, -1)) : undefined,
  };
}
