import type { Audit } from "../domain/audit.ts";

/** What the thread that audits tells. */
export type AuditMessage =
  /** An audit is under way. */
  | { readonly running: Audit }
  /** An audit has ended; how many seconds it took. */
  | { readonly ended: Audit; readonly seconds: number }
  /** Something is wrong with what is new; how much. */
  | { readonly found: number };
