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
    const view = await act(() => startImpersonation({ user_id: user.id }));
    if (view === undefined) return;
    startSession(view, true);
    const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
    await router.invalidate();
    await navigate({ to: me.permissions.includes("view_customers") ? "/customers" : "/account" });
  };
}
