import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type TextKey, useT } from "@/i18n";
import { toast } from "@/ui/toast";
import { useExplain } from "./useExplain";

/** Runs a write from a button: refreshes what is on screen, tells success and refusal. */
export function useAct() {
  const t = useT();
  const explain = useExplain();
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);

  async function act<T>(work: () => Promise<T>, saved?: TextKey): Promise<T | undefined> {
    setBusy(true);
    try {
      const answer = await work();
      void queryClient.invalidateQueries();
      if (saved) toast(t(saved));
      return answer;
    } catch (error) {
      toast(explain(error).message, true);
      return undefined;
    } finally {
      setBusy(false);
    }
  }
  return { act, busy };
}
