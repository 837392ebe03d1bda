import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useT } from "@/i18n";
import { useClose } from "./AppForm";
import { ConfirmDialog } from "./ConfirmDialog";
import { JobProgress } from "./JobProgress";
import { disconnectCustomer } from "./mutations";

/** Cuts every live session, then shows what became of each. */
export function DisconnectDialog(props: {
  customer: { id: string; name: string };
  onClose: () => void;
}) {
  const t = useT();
  const closeLabel = useClose();
  const [jobId, setJobId] = useState<string | null>(null);
  const { customer, onClose } = props;
  if (jobId === null) {
    return (
      <ConfirmDialog
        title={t("customer_action.disconnect")}
        question={t("disconnect.question", { name: customer.name })}
        confirmLabel={t("customer_action.disconnect")}
        danger
        onConfirm={async () => setJobId((await disconnectCustomer(customer.id)).id)}
        staysOpen
        onClose={onClose}
      />
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("customer_action.disconnect")}
      closeButtonProps={closeLabel}
    >
      <Stack gap="sm">
        <Text size="sm">{t("disconnect.sent", { name: customer.name })}</Text>
        <JobProgress jobId={jobId} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("action.close")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
