import { Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A list with its heading above it, and what can be done at the end of that line. */
export function Section(props: {
  title: string;
  hint?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-label={props.title}>
      <Group justify="space-between" gap="xs" mb={6}>
        <div>
          <Title order={2} size="h5">
            {props.title}
          </Title>
          {props.hint !== undefined && (
            <Text size="xs" c="dimmed">
              {props.hint}
            </Text>
          )}
        </div>
        {props.actions !== undefined && <Group gap="xs">{props.actions}</Group>}
      </Group>
      {props.children}
    </section>
  );
}
