import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** One number of a dashboard with what it counts and a line of context. */
export function StatTile(props: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <section className="lm-surface" style={{ padding: "12px 16px", minWidth: 0 }}>
      <Text size="xs" c="dimmed" fw={600}>
        {props.label}
      </Text>
      <Text
        component="p"
        m={0}
        fz={{ base: 17, sm: 20 }}
        fw={650}
        lh={1.5}
        className="lm-num"
        truncate
      >
        {props.value}
      </Text>
      <Text size="xs" c="dimmed" mih={18} component="div">
        {props.note}
      </Text>
    </section>
  );
}
