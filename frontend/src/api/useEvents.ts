import { useEffect, useEffectEvent, useState } from "react";
import { readEvents, type StreamEvent } from "@/lib/eventStream";
import { openEvents } from "./client";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** How a stream stands; while it is not open, the caller polls instead. */
export type StreamState = "connecting" | "open" | "ended";

/**
 * Follows a stream of server-sent events as long as a path is given, and connects again when the
 * line breaks. A stream that the server ended or refused stays ended.
 */
export function useEvents<Data>(
  path: string | null,
  onEvent: (event: string, data: Data) => void,
): StreamState {
  const [state, setState] = useState<StreamState>("connecting");
  const told = useEffectEvent(({ event, data }: StreamEvent) =>
    onEvent(event, JSON.parse(data) as Data),
  );
  useEffect(() => {
    if (path === null) return;
    const leaving = new AbortController();
    const tell = (next: StreamState) => {
      if (!leaving.signal.aborted) setState(next);
    };
    tell("connecting");
    void follow(path, leaving.signal, tell, told);
    return () => leaving.abort();
  }, [path]);
  return state;
}

type Hear = (message: StreamEvent) => void;

async function follow(
  path: string,
  signal: AbortSignal,
  tell: (state: StreamState) => void,
  hear: Hear,
): Promise<void> {
  let pause = FIRST_PAUSE;
  const opened = () => {
    pause = FIRST_PAUSE;
    tell("open");
  };
  while (!signal.aborted) {
    try {
      await readToTheEnd(path, signal, opened, hear);
      return tell("ended");
    } catch {
      tell("connecting");
      await new Promise((wake) => setTimeout(wake, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
}

async function readToTheEnd(
  path: string,
  signal: AbortSignal,
  opened: () => void,
  hear: Hear,
): Promise<void> {
  const body = await openEvents(path, signal);
  if (body === null) return;
  opened();
  for await (const message of readEvents(body)) hear(message);
}
