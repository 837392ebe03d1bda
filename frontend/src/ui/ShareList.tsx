import { Progress } from "@mantine/core";

export interface Share {
  label: string;
  value: number;
}

const ALL = 100;

/** Parts of a whole with their numbers; a bar beside each compares it with the greatest. */
export function ShareList(props: { parts: Share[]; format: (value: number) => string }) {
  const greatest = Math.max(1, ...props.parts.map((part) => part.value));
  return (
    <dl className="lm-shares">
      {props.parts.map((part) => (
        <div key={part.label}>
          <dt>{part.label}</dt>
          <dd className="lm-num">{props.format(part.value)}</dd>
          <Progress value={(part.value / greatest) * ALL} size="xs" aria-hidden="true" />
        </div>
      ))}
    </dl>
  );
}
