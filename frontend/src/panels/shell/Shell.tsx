import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useMe } from "@/api/permissions";
import { useT } from "@/i18n";
import { ImpersonationBanner } from "./ImpersonationBanner";
import { navigationFor } from "./navigation";
import { AppearanceMenu, LanguageMenu } from "./Preferences";
import { SearchBox } from "./SearchBox";
import { UserMenu } from "./UserMenu";

/** The frame of every signed-in page. */
export function Shell() {
  const t = useT();
  const me = useMe();
  const [opened, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes
  useEffect(close, [path]);

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="lm-skip" href="#main">
        {t("shell.skip")}
      </a>
      <AppShell.Header bg="var(--lm-surface)">
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={t("shell.menu")}
            aria-expanded={opened}
          />
          <Brand name={me.isp?.name ?? t("shell.platform")} />
          <div style={{ flex: 1, maxWidth: 520, minWidth: 0, marginInline: "auto" }}>
            {me.permissions.includes("view_customers") && me.isp && <SearchBox />}
          </div>
          <Group gap={2} wrap="nowrap">
            <Group gap={2} wrap="nowrap" visibleFrom="xs">
              <LanguageMenu />
              <AppearanceMenu />
            </Group>
            <UserMenu me={me} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" bg="var(--lm-surface)" aria-label={t("shell.navigation")}>
        <div style={{ overflowY: "auto", flex: 1 }}>
          {navigationFor(me).map((group) => (
            <div key={group.label}>
              <div className="lm-nav-heading">{t(group.label)}</div>
              {group.items.map((entry) => (
                <Link
                  key={entry.to}
                  to={entry.to}
                  className="lm-nav"
                  activeOptions={{ exact: entry.to === "/", includeSearch: false }}
                >
                  <entry.icon size={16} aria-hidden="true" />
                  {t(entry.label)}
                </Link>
              ))}
            </div>
          ))}
        </div>
        <Group hiddenFrom="xs" justify="center" pt="xs">
          <LanguageMenu />
          <AppearanceMenu />
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <div style={{ maxWidth: 1440, marginInline: "auto" }}>
          {me.impersonated_by && <ImpersonationBanner me={me} />}
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

function Brand({ name }: { name: string }) {
  return (
    <Group gap={8} wrap="nowrap" visibleFrom="sm" w={200}>
      <img src="/favicon.svg" alt="" width={22} height={22} />
      <strong style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
        {name}
      </strong>
    </Group>
  );
}
