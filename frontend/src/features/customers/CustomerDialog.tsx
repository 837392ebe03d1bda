import { ConfirmDialog } from "@/api/ConfirmDialog";
import { DisconnectDialog } from "@/api/DisconnectDialog";
import { activateCustomer, restoreCustomer } from "@/api/mutations";
import type { Customer, CustomerAction } from "@/api/types";
import { useT } from "@/i18n";
import { CloseCustomerDialog } from "./CloseCustomerDialog";
import { EditCustomerDialog } from "./EditCustomerDialog";
import { GenerateBillDialog } from "./GenerateBillDialog";
import { ChangeServicePasswordDialog, RevealPasswordDialog } from "./PasswordDialogs";
import { ReceivePaymentDialog } from "./ReceivePaymentDialog";
import { SuspendDialog } from "./SuspendDialog";

interface CustomerDialogProps {
  action: CustomerAction;
  customer: Customer;
  etag: string;
  onClose: () => void;
}

/** The dialog of one action. */
export function CustomerDialog({ action, customer, etag, onClose }: CustomerDialogProps) {
  const shared = { customer, onClose };
  switch (action) {
    case "receive_payment":
      return <ReceivePaymentDialog {...shared} />;
    case "suspend":
      return <SuspendDialog {...shared} />;
    case "activate":
      return <ActivateDialog {...shared} />;
    case "disconnect":
      return <DisconnectDialog {...shared} />;
    case "generate_bill":
      return <GenerateBillDialog {...shared} />;
    case "edit":
      return <EditCustomerDialog {...shared} etag={etag} />;
    case "change_password":
      return <ChangeServicePasswordDialog {...shared} etag={etag} />;
    case "reveal_password":
      return <RevealPasswordDialog {...shared} />;
    case "close":
      return <CloseCustomerDialog {...shared} />;
    case "restore":
      return <RestoreDialog {...shared} />;
  }
}

interface Shared {
  customer: Customer;
  onClose: () => void;
}

function ActivateDialog({ customer, onClose }: Shared) {
  const t = useT();
  return (
    <ConfirmDialog
      title={t("customer_action.activate")}
      question={t("activate.question", { name: customer.name })}
      confirmLabel={t("customer_action.activate")}
      saved="activate.done"
      onConfirm={() => activateCustomer(customer.id)}
      onClose={onClose}
    />
  );
}

function RestoreDialog({ customer, onClose }: Shared) {
  const t = useT();
  return (
    <ConfirmDialog
      title={t("customer_action.restore")}
      question={t("restore.question", { name: customer.name })}
      confirmLabel={t("customer_action.restore")}
      saved="restore.done"
      onConfirm={() => restoreCustomer(customer.id)}
      onClose={onClose}
    />
  );
}
