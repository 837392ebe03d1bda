import { SimpleGrid, Stack } from "@mantine/core";
import { useFormat } from "@/api/format";
import { useMe } from "@/api/permissions";
import { useT } from "@/i18n";
import { Facts } from "@/ui/Facts";
import { Page, Panel } from "@/ui/Page";
import { MySignIns } from "./MySignIns";
import { PasswordForm } from "./PasswordForm";
import { TwoFactor } from "./TwoFactor";

/** The own account: password, second factor, and where one is signed in. */
export function AccountPage() {
  const t = useT();
  const me = useMe();
  const format = useFormat();
  return (
    <Page title={t("nav.account")}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <Panel title={me.user.name}>
            <Facts
              facts={[
                { label: t("field.login"), value: me.user.login },
                { label: t("field.role"), value: t(`role.${me.user.role}`) },
                { label: t("word.operator"), value: me.operator?.name },
                { label: t("account.isp"), value: me.isp?.name },
                { label: t("field.time_zone"), value: me.isp?.time_zone },
                { label: t("account.now"), value: format.dateTime(new Date().toISOString()) },
              ]}
            />
          </Panel>
          <Panel title={t("account.two_factor")}>
            <TwoFactor enabled={me.user.totp_enabled} />
          </Panel>
        </Stack>
        <Panel title={t("password.change")}>
          <PasswordForm onChanged={() => Promise.resolve()} />
        </Panel>
      </SimpleGrid>
      <MySignIns />
    </Page>
  );
}
