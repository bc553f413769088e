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
