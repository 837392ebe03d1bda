import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { startRadiusTrace, stopRadiusTrace } from "@/api/networkMutations";
import { radiusTraceQuery } from "@/api/networkQuery";
import type { Schema } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";
import { Section } from "@/ui/Section";
import { Pill, type Tone } from "@/ui/Status";

type TraceView = Schema<"RadiusTraceView">;
type Packet = Schema<"TracedPacketView">;

const TONES: Record<string, Tone> = { request: "info", answer: "good", dropped: "bad" };

/** The customer's RADIUS packets as they pass; new ones appear by themselves. */
export function Trace({ customerId }: { customerId: string }) {
  const t = useT();
  const format = useFormat();
  const { act, busy } = useAct();
  const query = useQuery(radiusTraceQuery(customerId));
  const trace = query.data;
  const start = () => void act(() => startRadiusTrace(customerId), "trace.started");
  const stop = () => void act(() => stopRadiusTrace(customerId), "trace.stopped");
  return (
    <Section
      title={t("trace.title")}
      hint={
        trace?.active ? t("trace.running", { time: format.time(trace.until) }) : t("trace.hint")
      }
      actions={
        trace?.active ? (
          <Button size="xs" variant="default" loading={busy} onClick={stop}>
            {t("trace.stop")}
          </Button>
        ) : (
          <Button size="xs" variant="default" loading={busy} onClick={start}>
            {t("trace.start")}
          </Button>
        )
      }
    >
      <Loaded query={query}>{(view) => <Packets trace={view} />}</Loaded>
    </Section>
  );
}

function Packets({ trace }: { trace: TraceView }) {
  const t = useT();
  if (trace.packets.length === 0) {
    return trace.active ? (
      <Text size="sm" c="dimmed" role="status">
        {t("trace.waiting")}
      </Text>
    ) : null;
  }
  return (
    <div className="lm-surface lm-trace" role="log" aria-label={t("trace.title")}>
      {[...trace.packets].reverse().map((packet) => (
        <PacketLine key={packet.id} packet={packet} />
      ))}
    </div>
  );
}

function PacketLine({ packet }: { packet: Packet }) {
  const t = useT();
  const format = useFormat();
  return (
    <details>
      <summary>
        <span className="lm-num">{format.time(packet.at)}</span>
        <Pill tone={TONES[packet.direction] ?? "mute"}>{directionText(t, packet.direction)}</Pill>
        <strong>{packet.packet}</strong>
        <span>{packet.nas_name ?? packet.nas_address}</span>
        {packet.note && <span>{packet.note}</span>}
      </summary>
      <table className="lm-table" aria-label={packet.packet}>
        <tbody>
          {packet.attributes.map((attribute, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: attributes may repeat; their order is fixed
            <tr key={at}>
              <th scope="row">{attribute.name}</th>
              <td className="lm-mono" data-wrap>
                {attribute.value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function directionText(t: ReturnType<typeof useT>, direction: string): string {
  if (direction === "request") return t("trace.direction.request");
  return direction === "answer" ? t("trace.direction.answer") : t("trace.direction.dropped");
}
