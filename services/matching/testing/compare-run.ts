import { compareEngines } from "./differential.ts";
import { type RandomOptions, type TimedCommand, randomCommands } from "./random-commands.ts";
import { shrink } from "./shrink.ts";

/** Compares the engines on a random flow; what fails says by which few commands and how. */
export function compareRun(options: RandomOptions): void {
  const commands = randomCommands(options);
  if (differenceOf(commands) === undefined) return;
  const setUp = commands.slice(0, -options.count);
  const rest = commands.slice(-options.count);
  const few = shrink(rest, (list) => differenceOf([...setUp, ...list]) !== undefined);
  const lines = [...setUp, ...few].map(({ command, afterMs }) => `+${afterMs} ${toText(command)}`);
  throw new Error(`${lines.join("\n")}\n${differenceOf([...setUp, ...few])}`);
}

function differenceOf(commands: readonly TimedCommand[]): string | undefined {
  try {
    compareEngines(commands);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : part,
  );
}
