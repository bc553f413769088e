/** A call as it was answered, refused ones too. Nothing in it is secret (S12). */
export type RequestLog = {
  readonly id: string;
  /** Which service was called: core or settlement. */
  readonly service: string;
  readonly method: string;
  readonly principal: string;
  readonly peer: string;
  readonly ip: string;
  readonly code: string;
  readonly reason: string;
  readonly durationMs: number;
  readonly idempotencyKey: string;
  readonly objectId: string;
  /** When it began, in epoch milliseconds. */
  readonly atMs: number;
};

/** Which calls are looked for. */
export type RequestLogFilter = {
  /** Who called; empty for all. */
  readonly principal: string;
  /** A method, or a service when it has no slash; empty for all. */
  readonly method: string;
  /** How they ended; empty for all. */
  readonly code: string;
  /** From this time on, in epoch milliseconds; undefined for the beginning. */
  readonly startMs: number | undefined;
  /** Before this time, in epoch milliseconds; undefined for the end. */
  readonly endMs: number | undefined;
};
