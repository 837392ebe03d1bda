import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface PageProps {
  title: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a page: heading, actions at the end of the line, content below. */
export function Page({ title, subtitle, actions, children }: PageProps) {
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h3">
            {title}
          </Title>
          {subtitle !== undefined && (
            <Text size="sm" c="dimmed">
              {subtitle}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** A bordered block with an optional heading. */
export function Panel({ title, children }: { title?: ReactNode; children: ReactNode }) {
  return (
    <section className="lm-surface" style={{ padding: "14px 16px" }}>
      {title !== undefined && (
        <Title order={2} size="h5" mb="xs">
          {title}
        </Title>
      )}
      {children}
    </section>
  );
}
