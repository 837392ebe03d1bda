import { Fragment, type ReactNode } from "react";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Labelled values under each other; a missing value shows as a dash. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className="lm-facts">
      {facts.map((fact) => (
        <Fragment key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.value === null || fact.value === undefined ? "–" : fact.value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
