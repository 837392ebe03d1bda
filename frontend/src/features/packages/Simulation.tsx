import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useFormContext } from "react-hook-form";
import { useFormat } from "@/api/format";
import { simulateFairUse } from "@/api/networkMutations";
import type { Schema } from "@/api/types";
import { useExplain } from "@/api/useExplain";
import { useT } from "@/i18n";
import type { FairUseValues } from "./FairUseDialog";

type Result = Schema<"SimulationView">;

interface SimulationProps {
  packageId: string;
  policyOf: (values: FairUseValues) => Schema<"FairUsePolicy">;
}

/** Tries the policy in the form on the usage of last month; nothing is changed. */
export function Simulation({ packageId, policyOf }: SimulationProps) {
  const t = useT();
  const explain = useExplain();
  const form = useFormContext<FairUseValues>();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<Result | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async () => {
    if (!(await form.trigger())) return;
    setBusy(true);
    setFailure(null);
    setResult(null);
    try {
      setResult(await simulateFairUse(packageId, policyOf(form.getValues())));
    } catch (error) {
      const { message, fields } = explain(error);
      setFailure([message, ...fields.map((field) => field.message)].join(" "));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs">
      <Group>
        <Button size="xs" variant="default" loading={busy} onClick={() => void run()}>
          {t("fair_use.simulate")}
        </Button>
      </Group>
      {failure !== null && (
        <Alert color="red" variant="outline" role="alert">
          {failure}
        </Alert>
      )}
      {result !== null && <Outcome result={result} />}
    </Stack>
  );
}

function Outcome({ result }: { result: Result }) {
  const t = useT();
  const format = useFormat();
  if (result.customers === 0) return <Text size="sm">{t("fair_use.simulated_none")}</Text>;
  return (
    <div role="status">
      <Text size="sm" fw={600} mb={6}>
        {t("fair_use.simulated", {
          restricted: format.count(result.restricted),
          customers: format.count(result.customers),
          month: format.month(result.month),
        })}
      </Text>
      <table className="lm-table">
        <thead>
          <tr>
            <th scope="col">{t("fair_use.tier_column")}</th>
            <th scope="col" data-align="end">
              {t("nav.customers")}
            </th>
            <th scope="col" data-align="end">
              {t("fair_use.tier_days")}
            </th>
          </tr>
        </thead>
        <tbody>
          {result.tiers.map((tier) => (
            <tr key={tier.tier}>
              <td>{t("fair_use.tier", { tier: tier.tier })}</td>
              <td data-align="end">{format.count(tier.customers)}</td>
              <td data-align="end">{format.count(tier.customer_days)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
