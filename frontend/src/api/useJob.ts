import { useQuery, useQueryClient } from "@tanstack/react-query";
import { jobEnded, jobQuery } from "./query";
import type { Job } from "./types";
import { useEvents } from "./useEvents";

/** A job as it goes: told by the server, or asked for again and again while the line is away. */
export function useJob(id: string) {
  const queryClient = useQueryClient();
  const { queryKey } = jobQuery(id);
  const stream = useEvents<Job>(`/api/v1/jobs/${id}/events`, (_, job) => {
    const wasOpen = !jobEnded(queryClient.getQueryData(queryKey));
    queryClient.setQueryData(queryKey, job);
    // What the job has changed is shown by other queries.
    if (wasOpen && jobEnded(job)) void queryClient.invalidateQueries();
  });
  return useQuery(jobQuery(id, stream === "open"));
}
