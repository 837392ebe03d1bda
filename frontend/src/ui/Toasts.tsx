import { CloseButton } from "@mantine/core";
import { useT } from "@/i18n";
import { dismissToast, useToasts } from "./toast";

/** The corner where passing messages show; always present, so that screen readers hear them. */
export function Toasts() {
  const t = useT();
  const toasts = useToasts();
  return (
    <div className="lm-toasts" role="status" aria-live="polite">
      {toasts.map((entry) => (
        <div className="lm-toast" data-tone={entry.failed ? "bad" : "good"} key={entry.id}>
          <span className="lm-dot" aria-hidden="true" />
          <span style={{ flex: 1 }}>{entry.text}</span>
          <CloseButton
            size="sm"
            aria-label={t("action.close")}
            onClick={() => dismissToast(entry.id)}
          />
        </div>
      ))}
    </div>
  );
}
