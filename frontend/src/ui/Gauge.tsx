import { Group, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

const NEARLY = 80;
const FULL = 100;

/** How much of something is used: words, a bar, and what is left. */
export function Gauge(props: {
  label: string;
  /** 0 to 100; more counts as full. */
  percent: number;
  used: ReactNode;
  left: ReactNode;
}) {
  const percent = Math.min(FULL, Math.max(0, props.percent));
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>
          {props.label}
        </Text>
        <Text size="sm" className="lm-num">
          {props.used}
        </Text>
      </Group>
      <Progress value={percent} color={colorOf(percent)} size="md" aria-label={props.label} />
      <Text size="xs" c="dimmed" className="lm-num" style={{ whiteSpace: "normal" }}>
        {props.left}
      </Text>
    </Stack>
  );
}

function colorOf(percent: number): string {
  if (percent >= FULL) return "red";
  return percent >= NEARLY ? "yellow" : "brand";
}
