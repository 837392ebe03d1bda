import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FilterBar, FilterChoice, FilterText } from "@/api/FilterBar";
import { useFormat } from "@/api/format";
import { useCan, useMe } from "@/api/permissions";
import { UsePill } from "@/api/pills";
import { usersQuery } from "@/api/query";
import { ResourceList } from "@/api/ResourceList";
import type { UsersSearch } from "@/api/searches";
import { useUrlList } from "@/api/seek";
import type { User } from "@/api/types";
import { useT } from "@/i18n";
import { AddButton } from "@/ui/buttons";
import type { Column } from "@/ui/DataTable";
import { useChoices } from "@/ui/fields";
import { Page } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { GrantsDialog } from "./GrantsDialog";
import { STAFF_ROLES } from "./roles";
import { CreateUserDialog, EditUserDialog, ResetPasswordDialog } from "./UserDialogs";
import { useViewAs } from "./useViewAs";

type Open = { kind: "create" } | { kind: "edit" | "password" | "grants"; user: User } | null;

/** The people who work here, and what each may do. */
export function UsersPage() {
  const t = useT();
  const choices = useChoices();
  const { search, setFilters, seek } = useUrlList<UsersSearch>();
  const [open, setOpen] = useState<Open>(null);
  const query = useQuery(usersQuery(search as never));
  const columns = useUserColumns(setOpen);
  const create = <AddButton label={t("user.create")} onClick={() => setOpen({ kind: "create" })} />;
  return (
    <Page title={t("nav.users")} actions={create}>
      <FilterBar
        first={
          <FilterText
            label={t("user.search")}
            value={search.search}
            onChange={(text) => setFilters({ search: text })}
          />
        }
      >
        <FilterChoice
          label={t("field.role")}
          choices={choices(STAFF_ROLES, "role")}
          value={search.role}
          onChange={(role) => setFilters({ role })}
        />
      </FilterBar>
      <ResourceList
        label={t("nav.users")}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        seek={seek}
        empty={<EmptyState title={t("user.empty")} hint={t("user.empty_hint")} />}
      />
      <UserDialog open={open} users={query.data?.items ?? []} onClose={() => setOpen(null)} />
    </Page>
  );
}

function UserDialog(props: { open: Open; users: User[]; onClose: () => void }) {
  const { open, users, onClose } = props;
  if (open === null) return null;
  if (open.kind === "create") return <CreateUserDialog onClose={onClose} />;
  // The list is refreshed after a change, so the dialog shows the newest version.
  const user = users.find((candidate) => candidate.id === open.user.id) ?? open.user;
  if (open.kind === "edit") return <EditUserDialog user={user} onClose={onClose} />;
  if (open.kind === "password") return <ResetPasswordDialog user={user} onClose={onClose} />;
  return <GrantsDialog user={user} onClose={onClose} />;
}

function useUserColumns(setOpen: (open: Open) => void): Column<User>[] {
  const t = useT();
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("field.name"),
      card: "title",
      cell: (row) => <strong>{row.name}</strong>,
    },
    {
      id: "login",
      header: t("field.login"),
      cell: (row) => <span className="lm-mono">{row.login}</span>,
    },
    { id: "role", header: t("field.role"), cell: (row) => t(`role.${row.role}`) },
    { id: "operator", header: t("word.operator"), cell: (row) => row.operator?.name },
    {
      id: "totp",
      header: t("field.two_factor"),
      cell: (row) => (row.totp_enabled ? t("word.yes") : t("word.no")),
    },
    {
      id: "last_sign_in_at",
      header: t("field.last_sign_in_at"),
      cell: (row) => <span className="lm-num">{format.dateTime(row.last_sign_in_at)}</span>,
    },
    {
      id: "status",
      header: t("field.status"),
      card: "corner",
      cell: (row) => <UsePill status={row.status} />,
    },
    {
      id: "actions",
      header: t("field.actions"),
      align: "end",
      cell: (row) => <UserActions user={row} setOpen={setOpen} />,
    },
  ];
}

function UserActions({ user, setOpen }: { user: User; setOpen: (open: Open) => void }) {
  const t = useT();
  const me = useMe();
  const can = useCan();
  const viewAs = useViewAs();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${t("field.actions")}: ${user.name}`}
        >
          {t("field.actions")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => setOpen({ kind: "edit", user })}>{t("action.edit")}</Menu.Item>
        <Menu.Item onClick={() => setOpen({ kind: "grants", user })}>{t("user.grants")}</Menu.Item>
        <Menu.Item onClick={() => setOpen({ kind: "password", user })}>
          {t("user.reset_password")}
        </Menu.Item>
        {can("impersonate") && user.id !== me.user.id && !me.impersonated_by && (
          <Menu.Item onClick={() => void viewAs(user)}>{t("user.view_as")}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
