import { cpus, totalmem } from "node:os";

/** What a bench found out about one thing. Figures are medians over the runs. */
export type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** (largest - smallest) / median of the runs. */
  readonly spread: number;
  readonly runs: number;
  /** What it is measured against, in the same run. */
  readonly baseline?: string;
  /** The figure divided by the baseline's. */
  readonly ratio?: number;
};

/** What a bench compared, on what input, and what it found. */
export type Report = {
  readonly bench: string;
  readonly input: string;
  readonly rows: readonly Row[];
};

/** Sums several runs of one thing up. */
export function row(name: string, unit: string, runs: readonly number[], baseline?: Row): Row {
  const value = median(runs);
  const width = Math.max(...runs) - Math.min(...runs);
  const spread = width === 0 ? 0 : width / value;
  const compared = baseline && { baseline: baseline.name, ratio: value / baseline.value };
  return { name, value, unit, spread, runs: runs.length, ...compared };
}

/** The middle of the values; of two in the middle, the lower. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that at least the given share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Prints a report as a table, with the machine it ran on. */
export function print({ bench, input, rows }: Report): void {
  const gib = Math.round(totalmem() / 2 ** 30);
  console.log(`\n${bench}: ${input}`);
  console.log(`on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${gib} GiB`);
  console.log(`Node ${process.version}\n`);
  const lines = rows.map((entry) => [
    entry.name,
    figure(entry.value),
    entry.unit,
    `± ${Math.round(entry.spread * 50)} %`,
    `${entry.runs} runs`,
    entry.ratio === undefined ? "" : `${entry.ratio.toFixed(2)} × ${entry.baseline}`,
  ]);
  const widths = lines[0]?.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  );
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 1 ? cell.padStart(widths![column]!) : cell.padEnd(widths![column]!),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

/** The report as one line of JSON. */
export function toJson({ bench, input, rows }: Report): string {
  return JSON.stringify({ bench, input, results: rows });
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
