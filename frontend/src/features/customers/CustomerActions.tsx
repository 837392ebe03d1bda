import { Button, Group, Menu, Tooltip } from "@mantine/core";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { Customer, CustomerAction } from "@/api/types";
import { useOptionalText, useT } from "@/i18n";
import { CustomerDialog } from "./CustomerDialog";

const DAILY: CustomerAction[] = ["receive_payment", "activate", "suspend", "disconnect"];
const MORE: CustomerAction[] = [
  "generate_bill",
  "edit",
  "change_password",
  "reveal_password",
  "close",
  "restore",
];

/** The actions the server lists; one that is off stays visible and says why. */
export function CustomerActions({ customer, etag }: { customer: Customer; etag: string }) {
  const t = useT();
  const [open, setOpen] = useState<CustomerAction | null>(null);
  const offers = new Map(customer.allowed_actions.map((offer) => [offer.action, offer]));
  // Of a pair such as activate and suspend, the impossible one would only be noise.
  const daily = DAILY.filter((action) => isWorthAButton(action, customer, offers.has(action)));
  return (
    <Group gap="xs">
      {daily.map((action) => (
        <ActionButton
          key={action}
          action={action}
          offer={offers.get(action)}
          onClick={() => setOpen(action)}
        />
      ))}
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<Ellipsis size={16} />}>
            {t("action.more")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {MORE.map((action) => (
            <MoreItem
              key={action}
              action={action}
              offer={offers.get(action)}
              onClick={() => setOpen(action)}
            />
          ))}
        </Menu.Dropdown>
      </Menu>
      {open !== null && (
        <CustomerDialog
          action={open}
          customer={customer}
          etag={etag}
          onClose={() => setOpen(null)}
        />
      )}
    </Group>
  );
}

type Offer = Customer["allowed_actions"][number] | undefined;

function isWorthAButton(action: CustomerAction, customer: Customer, offered: boolean): boolean {
  if (!offered) return false;
  if (action === "activate") return customer.status !== "active";
  if (action === "suspend") return customer.status !== "suspended";
  return true;
}

interface ActionProps {
  action: CustomerAction;
  offer: Offer;
  onClick: () => void;
}

function useReason(): (offer: Offer) => string | undefined {
  const t = useT();
  const optional = useOptionalText();
  return (offer) => {
    if (offer === undefined || offer.allowed) return undefined;
    return optional(`reason.${offer.reason}`) ?? t("reason.other");
  };
}

function ActionButton({ action, offer, onClick }: ActionProps) {
  const t = useT();
  const reason = useReason()(offer);
  const look = action === "receive_payment" || action === "activate" ? "filled" : "default";
  return (
    <Tooltip label={reason} disabled={reason === undefined}>
      <Button
        size="xs"
        variant={look}
        {...(reason === undefined ? {} : { "data-disabled": true })}
        aria-disabled={reason !== undefined}
        onClick={reason === undefined ? onClick : (event) => event.preventDefault()}
      >
        {t(`customer_action.${action}`)}
      </Button>
    </Tooltip>
  );
}

function MoreItem({ action, offer, onClick }: ActionProps) {
  const t = useT();
  const reason = useReason()(offer);
  if (offer === undefined) return null;
  const danger = action === "close" ? { color: "red" } : {};
  return (
    <Menu.Item
      closeMenuOnClick={reason === undefined}
      aria-disabled={reason !== undefined}
      {...(reason === undefined ? { onClick, ...danger } : { c: "dimmed" })}
    >
      {t(`customer_action.${action}`)}
      {reason !== undefined && <span style={{ display: "block", fontSize: 11 }}>{reason}</span>}
    </Menu.Item>
  );
}
