import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ConfirmDialog } from "@/api/ConfirmDialog";
import { useFormat } from "@/api/format";
import { confirmRouterFingerprint } from "@/api/networkMutations";
import { useCan } from "@/api/permissions";
import type { Router } from "@/api/types";
import { useT } from "@/i18n";
import { Panel } from "@/ui/Page";

/** The certificate that was confirmed, and the one that waits for a person to compare it. */
export function FingerprintPanel({ router }: { router: Router }) {
  const t = useT();
  const can = useCan();
  const format = useFormat();
  // What is asked about stays what was on screen, whatever the router shows meanwhile.
  const [asked, setAsked] = useState<string | null>(null);
  const { confirmed_fingerprint: confirmed, presented_fingerprint: presented } = router;
  if (!router.tls || (!confirmed && !presented)) return null;
  return (
    <Panel title={t("router.certificate")}>
      <Stack gap="xs">
        {confirmed && <Fingerprint label={t("router.confirmed")} value={confirmed} />}
        {presented && (
          <>
            <Fingerprint
              label={t("router.presented", { time: format.dateTime(router.presented_at) })}
              value={presented}
            />
            <Text size="sm">{t("router.compare")}</Text>
            <code className="lm-mono">/certificate print detail</code>
            {can("manage_routers") && (
              <Group>
                <Button size="xs" onClick={() => setAsked(presented)}>
                  {t("router.confirm")}
                </Button>
              </Group>
            )}
          </>
        )}
      </Stack>
      {asked !== null && (
        <ConfirmDialog
          title={t("router.confirm")}
          question={t("router.confirm_question", { name: router.name, fingerprint: asked })}
          confirmLabel={t("router.confirm")}
          saved="router.confirmed_toast"
          onConfirm={() => confirmRouterFingerprint(router.id, { fingerprint: asked })}
          onClose={() => setAsked(null)}
        />
      )}
    </Panel>
  );
}

function Fingerprint({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <span className="lm-mono">{value}</span>
    </div>
  );
}
