import type { ReactNode } from "react";

export type Tone = "good" | "warn" | "bad" | "info" | "mute";

/** A state in words with a coloured dot; the colour never carries the meaning alone. */
export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className="lm-pill" data-tone={tone}>
      <span className="lm-dot" aria-hidden="true" />
      {children}
    </span>
  );
}

/** Online or offline as a dot that screen readers can read. */
export function OnlineDot({ online, label }: { online: boolean; label: string }) {
  return (
    <span
      className="lm-dot"
      style={{ display: "inline-block" }}
      data-tone={online ? "good" : "mute"}
      data-hollow={online ? undefined : true}
      role="img"
      aria-label={label}
      title={label}
    />
  );
}
