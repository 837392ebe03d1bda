import { useT } from "@/i18n";
import { OnlineDot, Pill, type Tone } from "@/ui/Status";
import type { Customer, Invoice, Job } from "./types";

const CUSTOMER_TONES: Record<Customer["status"], Tone> = {
  pending: "info",
  active: "good",
  suspended: "bad",
  expired: "warn",
  closed: "mute",
};

export function CustomerStatus({ status }: { status: Customer["status"] }) {
  const t = useT();
  return <Pill tone={CUSTOMER_TONES[status]}>{t(`customer_status.${status}`)}</Pill>;
}

export function Online({ online }: { online: boolean }) {
  const t = useT();
  return <OnlineDot online={online} label={online ? t("online.yes") : t("online.no")} />;
}

const INVOICE_TONES: Record<Invoice["status"], Tone> = {
  issued: "info",
  partly_paid: "warn",
  paid: "good",
  void: "mute",
};

export function InvoiceStatus({ invoice }: { invoice: Pick<Invoice, "status" | "overdue"> }) {
  const t = useT();
  if (invoice.overdue) return <Pill tone="bad">{t("invoice_status.overdue")}</Pill>;
  return <Pill tone={INVOICE_TONES[invoice.status]}>{t(`invoice_status.${invoice.status}`)}</Pill>;
}

export function AccessPill({ access }: { access: "open" | "walled" }) {
  const t = useT();
  return <Pill tone={access === "open" ? "good" : "warn"}>{t(`access.${access}`)}</Pill>;
}

/** Whether an account, package or device is in use. */
export function UsePill({ status }: { status: "active" | "disabled" | "retired" }) {
  const t = useT();
  return <Pill tone={status === "active" ? "good" : "mute"}>{t(`use_status.${status}`)}</Pill>;
}

const JOB_TONES: Record<Job["state"], Tone> = {
  queued: "info",
  running: "info",
  done: "good",
  dead: "bad",
  cancelled: "mute",
};

export function JobState({ state }: { state: Job["state"] }) {
  const t = useT();
  return <Pill tone={JOB_TONES[state]}>{t(`job_state.${state}`)}</Pill>;
}
