import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { meQuery } from "@/api/query";
import { useT } from "@/i18n";
import { AuthFrame } from "./AuthFrame";
import { PasswordForm } from "./PasswordForm";

/** Nothing else opens until a seeded or reset password has been replaced. */
export function ForcedPasswordPage({ tools }: { tools: ReactNode }) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const goOn = async () => {
    await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
    await navigate({ to: "/" });
  };
  return (
    <AuthFrame title={t("password.change")} tools={tools}>
      <Text size="sm" c="dimmed" mb="sm">
        {t("password.must_change")}
      </Text>
      <PasswordForm onChanged={goOn} />
    </AuthFrame>
  );
}
