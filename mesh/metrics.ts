import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { MAX_LABEL_SETS } from "./limits.ts";

/** Makes metrics; one that is asked for again by the same name is the same one. */
export type Metrics = {
  /** A number that only grows. */
  readonly counter: (name: string, help: string) => Count;
  /** A number that goes up and down. */
  readonly gauge: (name: string, help: string) => Measure;
  /** A number that is read when somebody looks. */
  readonly watch: (name: string, help: string, read: () => number) => void;
  /** How values of one thing spread, such as seconds; the bounds rise. */
  readonly histogram: (name: string, help: string, bounds: readonly number[]) => Spread;
};

type Labels = Readonly<Record<string, string>>;
type Count = { readonly add: (labels?: Labels, by?: number) => void };
type Measure = { readonly set: (value: number, labels?: Labels) => void };
type Spread = { readonly observe: (value: number, labels?: Labels) => void };

/** Makes metrics by name, each with a bounded number of series (R3). */
export function createMetrics(registry: Registry): Metrics {
  const made = new Map<string, unknown>();
  const once = <T>(name: string, make: () => T): T => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  };
  const registers = [registry];
  const counter = (name: string, help: string): Count =>
    once(name, () => {
      const series = seriesOf((labelNames) => new Counter({ name, help, labelNames, registers }));
      return { add: (labels = {}, by = 1) => series(labels).inc(by) };
    });
  const gauge = (name: string, help: string): Measure =>
    once(name, () => {
      const series = seriesOf((labelNames) => new Gauge({ name, help, labelNames, registers }));
      return { set: (value, labels = {}) => series(labels).set(value) };
    });
  const histogram = (name: string, help: string, bounds: readonly number[]): Spread =>
    once(name, () => {
      const buckets = [...bounds];
      const series = seriesOf(
        (labelNames) => new Histogram({ name, help, labelNames, buckets, registers }),
      );
      return { observe: (value, labels = {}) => series(labels).observe(value) };
    });
  const watch = (name: string, help: string, read: () => number): void => {
    once(name, () => {
      // eslint-disable-next-line no-new -- the registry keeps it
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
      return true;
    });
  };
  return { counter, gauge, histogram, watch };
}

type Labelled<S> = { labels: (labels: Record<string, string>) => S };

/** Finds the series of some labels; those beyond the bound share one whose labels are "other". */
function seriesOf<S>(make: (labelNames: string[]) => Labelled<S>): (labels: Labels) => S {
  let metric: Labelled<S> | undefined;
  const known = new Map<string, S>();
  return (labels) => {
    const id = Object.values(labels).join("\u0000");
    const found = known.get(id);
    if (found !== undefined) return found;
    const names = Object.keys(labels);
    metric ??= make(names);
    const full = known.size >= MAX_LABEL_SETS;
    const shown = full ? Object.fromEntries(names.map((name) => [name, "other"])) : { ...labels };
    const series = metric.labels(shown);
    if (!full) known.set(id, series);
    return series;
  };
}
