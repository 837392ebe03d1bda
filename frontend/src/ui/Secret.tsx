import { ActionIcon, Code, CopyButton, Group, Tooltip } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useT } from "@/i18n";

/** A value to be read or copied, such as a key that is shown once. */
export function Secret({ value, label }: { value: string; label: string }) {
  const t = useT();
  return (
    <Group gap="xs" wrap="nowrap">
      <Code
        block
        aria-label={label}
        style={{ flex: 1, overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}
      >
        {value}
      </Code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t("action.copied") : t("action.copy")}>
            <ActionIcon variant="default" size="lg" onClick={copy} aria-label={t("action.copy")}>
              {copied ? <Check size={16} /> : <Copy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
