import { Text } from "@mantine/core";
import * as z from "zod/mini";
import type { TextKey } from "@/i18n";
import { DialogForm } from "./AppForm";

interface ConfirmDialogProps {
  title: string;
  /** Names the object and says what will happen to it. */
  question: string;
  confirmLabel: string;
  saved?: TextKey;
  danger?: boolean;
  staysOpen?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

const nothing = z.object({});

/** Asks before an act that is hard to take back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <DialogForm
      title={props.title}
      schema={nothing}
      defaults={{}}
      submitLabel={props.confirmLabel}
      saved={props.saved}
      danger={props.danger}
      staysOpen={props.staysOpen}
      onSubmit={props.onConfirm}
      onClose={props.onClose}
    >
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {props.question}
      </Text>
    </DialogForm>
  );
}
