import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { startImpersonation } from "@/api/mutations";
import { meQuery } from "@/api/query";
import { startSession } from "@/api/session";
import type { User } from "@/api/types";
import { useAct } from "@/api/useAct";

/** Shows the application as another person sees it. The token never leaves memory. */
export function useViewAs(): (user: User) => Promise<void> {
  const { act } = useAct();
  const queryClient = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  return async (user) => {
    // The token changes inside the act, because what it refreshes afterwards must use the new one.
    const started = await act(async () => {
      await queryClient.cancelQueries();
      startSession(await startImpersonation({ user_id: user.id }), true);
      return true;
    });
    if (started === undefined) return;
    const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
    await router.invalidate();
    await navigate({ to: me.permissions.includes("view_customers") ? "/customers" : "/account" });
  };
}
