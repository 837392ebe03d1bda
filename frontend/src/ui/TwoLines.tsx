import type { ReactNode } from "react";

/** A cell of two values that belong together, the second one smaller. */
export function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <div className="lm-two-lines">
      <div>{first}</div>
      {second && <div>{second}</div>}
    </div>
  );
}
