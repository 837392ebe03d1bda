import { Stack } from "@mantine/core";
import type { Customer } from "@/api/types";
import { Diagnosis } from "./Diagnosis";
import { LastAnswers } from "./LastAnswers";
import { LiveChanges } from "./LiveChanges";
import { Trace } from "./Trace";

/** What stands between the customer and the Internet, and how to find out. */
export function ConnectionTab({ customer }: { customer: Customer }) {
  return (
    <Stack gap="md">
      <Diagnosis customer={customer} />
      <LastAnswers customerId={customer.id} />
      <LiveChanges customerId={customer.id} />
      <Trace customerId={customer.id} />
    </Stack>
  );
}
