/** Where an audit stands; the numbers are those of the wire and of the table. */
export const AuditStates = { RUNNING: 1, PASSED: 2, FAILED: 3, ABORTED: 4 } as const;

/** How far an audit is, and what it has found. */
export type AuditProgress = {
  /** In thousandths. */
  readonly progressPermille: number;
  /** The number of the last transfer that it covers. */
  readonly asOfSeq: number;
  /** The number of the last transfer that was read. */
  readonly checkedSeq: number;
  readonly checkedAccounts: number;
  readonly discrepancyCount: number;
};

/** One pass over the books of a shard: every balance made anew from the transfers and compared. */
export type Audit = AuditProgress & {
  readonly id: string;
  readonly state: number;
  /** Whether somebody asked for it: it takes no pauses then. */
  readonly isWanted: boolean;
  /** Microseconds since 1970. */
  readonly startedAtUs: number;
  /** Absent while it runs. */
  readonly endedAtUs: number | undefined;
};

/** Something that an audit has found to be wrong. */
export type Discrepancy = {
  readonly auditId: string;
  /** The account that it is about, as 32 hex digits; empty when it is about none. */
  readonly accountId: string;
  /** The number of the first transfer that is wrong, or after which something is; 0 for none. */
  readonly seq: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  /** Microseconds since 1970. */
  readonly createdAtUs: number;
};
