import { Alert, Button, Group, Text } from "@mantine/core";
import { Eye } from "lucide-react";
import { endImpersonation } from "@/api/mutations";
import { startSession } from "@/api/session";
import type { Me } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";

/** Always visible while somebody acts as another person, with the way back. */
export function ImpersonationBanner({ me }: { me: Me }) {
  const t = useT();
  const { act, busy } = useAct();
  const goBack = async () => {
    const own = await act(endImpersonation);
    if (own === undefined) return;
    startSession(own);
    // Everything cached belongs to the other person, so the application starts afresh.
    window.location.assign("/users");
  };
  return (
    <Alert color="yellow" variant="outline" mb="md" py="xs" icon={<Eye size={18} />} role="status">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          {t("impersonation.banner", {
            name: me.user.name,
            own: me.impersonated_by?.login ?? "",
          })}
        </Text>
        <Button size="xs" variant="default" loading={busy} onClick={() => void goBack()}>
          {t("impersonation.return")}
        </Button>
      </Group>
    </Alert>
  );
}
