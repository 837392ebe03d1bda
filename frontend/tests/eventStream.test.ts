import { describe, expect, it } from "vitest";
import { parseEvent, readEvents } from "@/lib/eventStream";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
}

async function collect(...chunks: string[]) {
  const seen: string[] = [];
  for await (const { event, data } of readEvents(streamOf(...chunks)))
    seen.push(`${event} ${data}`);
  return seen;
}

describe("a stream of events", () => {
  it("is read however the network cuts it", async () => {
    expect(await collect("event: a\nda", "ta: 1\n", "\nevent: b\r\ndata: 2\r\n\r\n")).toEqual([
      "a 1",
      "b 2",
    ]);
  });

  it("knows comments, lines in pieces and messages without a name", () => {
    expect(parseEvent(": still here")).toBeUndefined();
    expect(parseEvent("data: one\ndata: two")).toEqual({ event: "message", data: "one\ntwo" });
  });

  it("keeps characters whole that two chunks share", async () => {
    const bytes = new TextEncoder().encode("data: ঢাকা\n\n");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 8));
        controller.enqueue(bytes.slice(8));
        controller.close();
      },
    });
    const seen: string[] = [];
    for await (const { data } of readEvents(body)) seen.push(data);
    expect(seen).toEqual(["ঢাকা"]);
  });
});
