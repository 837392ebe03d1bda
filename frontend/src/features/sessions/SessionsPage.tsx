import { useT } from "@/i18n";
import { Page } from "@/ui/Page";
import { LiveSessions } from "./LiveSessions";

export function SessionsPage() {
  const t = useT();
  return (
    <Page title={t("nav.sessions")} subtitle={t("session.subtitle")}>
      <LiveSessions />
    </Page>
  );
}
