import { Button, Menu, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown, CircleUserRound, LogOut, UserRound } from "lucide-react";
import { signOut } from "@/api/mutations";
import { forgetSession } from "@/api/session";
import type { Me } from "@/api/types";
import { useAct } from "@/api/useAct";
import { useT } from "@/i18n";

export function UserMenu({ me }: { me: Me }) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { act } = useAct();
  const leave = async () => {
    await queryClient.cancelQueries();
    await act(signOut);
    forgetSession();
    await navigate({ to: "/sign-in", search: {} });
    queryClient.clear();
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px={8}
          aria-label={t("shell.user_menu", { name: me.user.name })}
          rightSection={<ChevronDown size={14} />}
        >
          <CircleUserRound size={18} />
          <Text component="span" size="sm" visibleFrom="md" ms={6} maw={140} truncate>
            {me.user.name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.user.login}
          {me.operator ? ` · ${me.operator.name}` : ""}
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<UserRound size={15} />}>
          {t("nav.account")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => void leave()}>
          {t("action.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
