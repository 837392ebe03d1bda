import { useElementSize } from "@mantine/hooks";

export interface Bar {
  key: string;
  /** What stands under the bar. */
  label: string;
  /** Read out and shown when pointed at. */
  description: string;
  values: number[];
}

interface BarChartProps {
  label: string;
  bars: Bar[];
  /** The names of the values of a bar, bottom first. */
  series: string[];
  format: (value: number) => string;
}

const HEIGHT = 190;
const TOP = 10;
const BOTTOM = 22;
const START = 62;
const GRID = 4;
const LABEL_WIDTH = 52;

/** Stacked bars over time. The same numbers belong into a table beside it. */
export function BarChart({ label, bars, series, format }: BarChartProps) {
  const { ref, width } = useElementSize();
  const top = niceTop(Math.max(0, ...bars.map((bar) => sum(bar.values))));
  const inner = Math.max(0, width - START - 4);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const step = inner / Math.max(bars.length, 1);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / Math.max(step, 1)));
  return (
    <figure style={{ margin: 0 }} ref={ref}>
      <svg width="100%" height={HEIGHT} role="img" aria-label={label} className="lm-chart">
        {Array.from({ length: GRID + 1 }, (_, at) => (top / GRID) * at).map((value) => (
          <g key={value}>
            <line x1={START} x2={START + inner} y1={y(value)} y2={y(value)} />
            <text x={START - 6} y={y(value) + 4} textAnchor="end">
              {format(value)}
            </text>
          </g>
        ))}
        {bars.map((bar, at) => (
          <g key={bar.key} transform={`translate(${START + step * at} 0)`}>
            <title>{bar.description}</title>
            <rect className="lm-chart-hit" width={step} height={HEIGHT - BOTTOM} />
            <Stack values={bar.values} step={step} y={y} />
            {at % every === 0 && (
              <text x={step / 2} y={HEIGHT - 6} textAnchor="middle">
                {bar.label}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption className="lm-legend">
        {series.map((name, at) => (
          <span key={name}>
            <i data-series={at} aria-hidden="true" />
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Stack(props: { values: number[]; step: number; y: (value: number) => number }) {
  const { values, step, y } = props;
  const gap = Math.min(6, step * 0.2);
  return values.map((value, at) => {
    const below = sum(values.slice(0, at));
    return (
      <rect
        // biome-ignore lint/suspicious/noArrayIndexKey: the place in the stack is its identity
        key={at}
        data-series={at}
        x={gap / 2}
        width={Math.max(0, step - gap)}
        y={y(below + value)}
        height={Math.max(0, y(below) - y(below + value))}
      />
    );
  });
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const NICE_STEPS = [1, 2, 4, 6, 8, 10];

/** The end of the scale: a round number at or above the highest bar, that four lines divide. */
export function niceTop(highest: number): number {
  if (highest <= 0) return GRID;
  const magnitude = 10 ** Math.floor(Math.log10(highest));
  const nice = NICE_STEPS.find((step) => step * magnitude >= highest) ?? NICE_STEPS.at(-1) ?? 1;
  return nice * magnitude;
}
