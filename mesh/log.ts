import { pino } from "pino";
import { loggable } from "./loggable.ts";
import { mask } from "./mask.ts";
import { standardOutput } from "./standard-output.ts";
import { currentTrace } from "./trace.ts";

/** Writes one JSON line a record. What a record may show is the list of loggable.ts (S12). */
export type Log = { readonly [L in Level]: Write } & {
  /** A log whose every line shows the fields too. */
  readonly child: (fields: object) => Log;
  /** Writes what is still in memory. */
  readonly flush: () => void;
};

/** How much a record matters; a process writes its own level and those after it. */
export const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type Level = (typeof levels)[number];

/** Takes a record: a sentence, with the values beside it; an error counts as `{ err }`. */
type Write = { (text: string): void; (fields: object, text: string): void };

/** Where lines go: standard output, or any function for a test. */
export type Lines = { write: (line: string) => unknown; flushSync?: () => void };

type Options = { readonly name: string; readonly level: Level; readonly to?: Lines };

/** Makes the log of a process. Lines wait a moment in memory, but for errors and the end (R7). */
export function createLog({ name, level, to = standardOutput() }: Options): Log {
  const base = { service: name, pid: process.pid };
  const options: pino.LoggerOptions = {
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: traceFields,
  };
  return logOf(pino(options, to as pino.DestinationStream), () => to.flushSync?.());
}

function logOf(logger: pino.Logger, flush: () => void): Log {
  const writer = (level: Level): Write =>
    logger.isLevelEnabled(level) ? write(logger, level, flush) : () => {};
  const child = (fields: object) => logOf(logger.child(loggable(fields)), flush);
  const writers = Object.fromEntries(levels.map((level) => [level, writer(level)]));
  return { ...(writers as Record<Level, Write>), child, flush };
}

function write(logger: pino.Logger, level: Level, flush: () => void): Write {
  const urgent = level === "error" || level === "fatal";
  return (first: object | string, text?: string) => {
    if (typeof first === "string") logger[level](mask(first));
    else logger[level](loggable(first instanceof Error ? { err: first } : first), mask(text ?? ""));
    if (urgent) flush();
  };
}

function traceFields(): object {
  const trace = currentTrace();
  if (trace === undefined) return {};
  return { trace_id: trace.traceId, correlation_id: mask(trace.correlationId) };
}
