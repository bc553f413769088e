// Every bound of the system, by part. A limit has its unit last in its name, and a test.

// Calls
/** The largest message of the public wire and of the inside one, in bytes (G15). */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** The largest message of a service that takes batches, in bytes (G15). */
export const MAX_BATCH_MESSAGE_BYTES = 4 * 1024 * 1024;
/** The longest deadline that is ever granted, in milliseconds (G14). */
export const MAX_DEADLINE_MS = 10 * 60 * 1000;

// Lists
/** The size of a page when the caller names none. */
export const DEFAULT_PAGE_SIZE = 50;
/** The largest page. */
export const MAX_PAGE_SIZE = 1000;

// Ledger
/** The most events of one batch (CHAIN-1). */
export const MAX_BATCH_EVENTS = 8000;
/** After how many ids the writer's memory of recent transfers begins a new generation, of two. */
export const RECENT_TRANSFERS_PER_GENERATION = 100_000;

// Logs
/** The longest text of a log record, in characters; the rest is cut off. */
export const MAX_LOG_TEXT_LENGTH = 8192;
/** How many bytes of log lines wait in memory before they are written (R7). */
export const LOG_BUFFER_BYTES = 4096;
/** How long log lines wait in memory at most, in milliseconds (R7). */
export const LOG_FLUSH_MS = 200;

// Telemetry
/** The bounds of the durations that are told apart, in seconds. */
export const CALL_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;
/** The most series of one metric; the rest is counted together. */
export const MAX_LABEL_SETS = 1000;
/** How often the event loop is looked at, in milliseconds (R2). */
export const EVENT_LOOP_SAMPLE_MS = 10;
/** How long the event loop is looked at for one figure, in milliseconds (R2). */
export const EVENT_LOOP_WINDOW_MS = 2000;

// Start and stop
/** How long balancers have to notice that a service stops, in milliseconds (§4.4). */
export const DRAIN_WAIT_MS = 5000;
