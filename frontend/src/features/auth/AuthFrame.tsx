import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** The narrow centred card of the pages before the shell. */
export function AuthFrame(props: { title: string; tools: ReactNode; children: ReactNode }) {
  return (
    <main
      style={{
        minHeight: "100dvh",
        display: "flex",
        flexDirection: "column",
        alignItems: "center",
        padding: "12vh 16px 32px",
      }}
    >
      <Group gap={10} mb="lg">
        <img src="/favicon.svg" alt="" width={30} height={30} />
        <strong style={{ fontSize: 20 }}>lastmile</strong>
      </Group>
      <section className="lm-surface" style={{ width: "100%", maxWidth: 380, padding: 24 }}>
        <Title order={1} size="h4" mb="md">
          {props.title}
        </Title>
        {props.children}
      </section>
      <Group gap="xs" mt="md">
        {props.tools}
      </Group>
    </main>
  );
}
