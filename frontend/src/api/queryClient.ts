import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./problems";

const RETRIES = 2;

const TOO_MANY_REQUESTS = 429;

/** Refusals are answers; a lost connection, a broken or a busy server is worth another try. */
function worthRetrying(failures: number, error: Error): boolean {
  const status = error instanceof ProblemError ? error.problem.status : 0;
  const refused = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS;
  return !refused && failures < RETRIES;
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: worthRetrying } },
});
