import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./problems";

const RETRIES = 2;

/** Refusals are answers; only a lost connection or a broken server is worth another try. */
function worthRetrying(failures: number, error: Error): boolean {
  const refused = error instanceof ProblemError && error.problem.status < 500;
  return !refused && failures < RETRIES;
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: worthRetrying } },
});
