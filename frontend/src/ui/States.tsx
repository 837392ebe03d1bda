import { Alert, Button, Group, Loader, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useT } from "@/i18n";

/** Shown where a list has nothing; says what to do next. */
export function EmptyState(props: { title: string; hint?: string; action?: ReactNode }) {
  return (
    <Stack align="center" gap={6} py={48} px="md">
      <Text fw={600}>{props.title}</Text>
      {props.hint !== undefined && (
        <Text size="sm" c="dimmed" ta="center" maw={440}>
          {props.hint}
        </Text>
      )}
      {props.action !== undefined && <div style={{ marginTop: 8 }}>{props.action}</div>}
    </Stack>
  );
}

/** A failed load with the way to try again. */
export function ErrorState({ message, onRetry }: { message: string; onRetry?: () => void }) {
  const t = useT();
  return (
    <Alert color="red" variant="outline" role="alert" title={t("state.failed")} m="md">
      <Group justify="space-between">
        <Text size="sm">{message}</Text>
        {onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("action.retry")}
          </Button>
        )}
      </Group>
    </Alert>
  );
}

export function Loading() {
  const t = useT();
  return (
    <Group justify="center" py={48} role="status" aria-label={t("state.loading")}>
      <Loader size="sm" type="dots" />
    </Group>
  );
}
