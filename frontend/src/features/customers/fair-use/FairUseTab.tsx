import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFormat } from "@/api/format";
import { Loaded } from "@/api/Loaded";
import { fairUseQuery } from "@/api/networkQuery";
import { useCan } from "@/api/permissions";
import type { Schema } from "@/api/types";
import { useT } from "@/i18n";
import { Gauge } from "@/ui/Gauge";
import { Panel } from "@/ui/Page";
import { EmptyState } from "@/ui/States";
import { Pill } from "@/ui/Status";
import type { CustomerTabProps } from "../CustomerPage";
import { ActivateDialog, DeactivateDialog, ResetDialog } from "./FairUseDialogs";
import { FairUseLog } from "./FairUseLog";
import { Restrictions } from "./Restrictions";
import { useTierWords } from "./tierWords";

type View = Schema<"FairUseView">;
type Policy = NonNullable<View["policy"]>;

/** Where the customer stands with fair use, what people decided, and what happened. */
export function FairUseTab({ customer }: CustomerTabProps) {
  const t = useT();
  const query = useQuery(fairUseQuery(customer.id));
  return (
    <Stack gap="md">
      <Loaded query={query}>
        {(view) => (
          <>
            <Panel title={t("fair_use.state")}>
              {view.policy ? (
                <Standing view={view} policy={view.policy} customer={customer} />
              ) : (
                <EmptyState title={t("fair_use.no_policy")} hint={t("fair_use.no_policy_hint")} />
              )}
            </Panel>
            <Restrictions restrictions={view.restrictions} />
          </>
        )}
      </Loaded>
      <FairUseLog customerId={customer.id} />
    </Stack>
  );
}

interface StandingProps extends CustomerTabProps {
  view: View;
  policy: Policy;
}

function Standing({ view, policy, customer }: StandingProps) {
  const t = useT();
  const format = useFormat();
  const tier = view.tier;
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Pill tone={tier ? "warn" : "good"}>
          {tier ? t("fair_use.applies", { tier }) : t("fair_use.no_tier")}
        </Pill>
        <Text size="sm" c="dimmed">
          {t(`fair_use_mode.${view.mode}`)}
          {view.mode_until &&
            ` · ${t("fair_use.mode_until", { time: format.dateTime(view.mode_until) })}`}
        </Text>
      </Group>
      <Used view={view} policy={policy} />
      <TierTable policy={policy} current={tier ?? null} />
      <Decisions customer={customer} view={view} policy={policy} />
    </Stack>
  );
}

const ALL = 100;

function Used({ view, policy }: { view: View; policy: Policy }) {
  const t = useT();
  const format = useFormat();
  const found = view.window;
  if (!found) return null;
  const octets = octetsOf(policy, found.counted);
  const share = (used: number, most: number | null | undefined) => (most ? (used / most) * ALL : 0);
  const last = policy.tiers.at(-1);
  const ahead = [
    found.octets_left !== null &&
      found.octets_left !== undefined &&
      t("fair_use.left_octets", { octets: format.bytes(found.octets_left) }),
    found.seconds_left !== null &&
      found.seconds_left !== undefined &&
      t("fair_use.left_time", { time: format.duration(found.seconds_left) }),
    t("fair_use.window_ends", { time: format.dateTime(found.ends_at) }),
    found.was_reset && t("fair_use.was_reset"),
  ];
  return (
    <Gauge
      label={t("fair_use.counted")}
      percent={Math.max(
        share(octets, last?.after_octets),
        share(found.counted.seconds, last?.after_seconds),
      )}
      used={`${format.bytes(octets)} · ${format.duration(found.counted.seconds)}`}
      left={ahead.filter(Boolean).join(" · ")}
    />
  );
}

function octetsOf(policy: Policy, counted: Schema<"UsedView">): number {
  const { input_octets: upload, output_octets: download } = counted;
  return { upload, download, total: upload + download }[policy.counts];
}

function TierTable({ policy, current }: { policy: Policy; current: number | null }) {
  const t = useT();
  const words = useTierWords();
  return (
    <div style={{ overflowX: "auto" }}>
      <table className="lm-table">
        <thead>
          <tr>
            <th scope="col">{t("fair_use.tier_column")}</th>
            <th scope="col">{t("fair_use.tier_threshold")}</th>
            <th scope="col">{t("fair_use.tier_effect")}</th>
          </tr>
        </thead>
        <tbody>
          {policy.tiers.map((tier, at) => (
            <tr key={JSON.stringify(tier)} aria-current={current === at + 1 || undefined}>
              <td>
                {current === at + 1 ? (
                  <Pill tone="warn">{t("fair_use.tier", { tier: at + 1 })}</Pill>
                ) : (
                  t("fair_use.tier", { tier: at + 1 })
                )}
              </td>
              <td>{words.threshold(tier)}</td>
              <td>{words.effect(tier)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Open = "activate" | "deactivate" | "reset" | null;

function Decisions({ customer, policy }: StandingProps) {
  const t = useT();
  const can = useCan();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  if (!can("activate_fup")) return null;
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={() => setOpen("activate")}>
        {t("fair_use.activate")}
      </Button>
      <Button size="xs" variant="default" onClick={() => setOpen("deactivate")}>
        {t("fair_use.deactivate")}
      </Button>
      <Button size="xs" variant="default" onClick={() => setOpen("reset")}>
        {t("fair_use.reset")}
      </Button>
      {open === "activate" && (
        <ActivateDialog customer={customer} tiers={policy.tiers} onClose={close} />
      )}
      {open === "deactivate" && <DeactivateDialog customer={customer} onClose={close} />}
      {open === "reset" && <ResetDialog customer={customer} onClose={close} />}
    </Group>
  );
}
