import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { SESSION_VIEWS, type SessionsSearch } from "@/api/searches";
import { useT } from "@/i18n";
import { Page } from "@/ui/Page";
import { LiveSessions } from "./LiveSessions";
import { SessionHistory } from "./SessionHistory";

/** Who is online, and who was. */
export function SessionsPage() {
  const t = useT();
  const navigate = useNavigate();
  const { view = "live" } = useSearch({ strict: false }) as SessionsSearch;
  const open = (next: string | null) =>
    void navigate({ to: ".", search: (next === "live" ? {} : { view: next }) as never });
  return (
    <Page
      title={view === "live" ? t("nav.sessions") : t("session.history")}
      subtitle={view === "live" ? t("session.subtitle") : t("session.history_hint")}
    >
      <Tabs value={view} onChange={open} keepMounted={false}>
        <Tabs.List mb="sm">
          {SESSION_VIEWS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`session.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="live">
          <LiveSessions />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <SessionHistory />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
