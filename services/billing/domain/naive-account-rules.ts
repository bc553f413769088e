import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import type { AccountStatus, NewAccount } from "./account.ts";
import type { NaiveAccount } from "./naive-book.ts";

/** What is answered, and when. */
export type Rule<Status, Facts> = readonly [Status, (facts: Facts) => boolean];

/** All rules that are broken, in order. */
export function broken<Status, Facts>(
  rules: readonly Rule<Status, Facts>[],
  facts: Facts,
): Status[] {
  return rules.filter(([, breaks]) => breaks(facts)).map(([status]) => status);
}

/** What the rules for accounts look at. */
export type AccountFacts = {
  readonly event: NewAccount;
  /** The account that has the id. */
  readonly old: NaiveAccount | undefined;
  readonly ledgers: ReadonlySet<number>;
};

/** The rules for accounts, in order. */
export const accountRules: readonly Rule<AccountStatus, AccountFacts>[] = [
  ["reserved_flag", ({ event }) => event.flags > 7],
  ["id_must_not_be_zero", ({ event }) => event.id === ZERO_ID],
  ["id_must_not_be_max", ({ event }) => event.id === MAX_ID],
  ["exists_with_different_flags", ({ event, old }) => !!old && event.flags >> 1 !== old.flags >> 1],
  ["exists_with_different_user_data", ({ event, old }) => !!old && event.userData !== old.userData],
  ["exists_with_different_ledger", ({ event, old }) => !!old && event.ledger !== old.ledger],
  ["exists_with_different_code", ({ event, old }) => !!old && event.code !== old.code],
  ["exists", ({ old }) => !!old],
  ["flags_are_mutually_exclusive", ({ event }) => (event.flags & 6) === 6],
  ["ledger_must_not_be_zero", ({ event }) => event.ledger === 0],
  ["ledger_not_found", ({ event, ledgers }) => !ledgers.has(event.ledger)],
  ["code_must_not_be_zero", ({ event }) => event.code === 0],
];
