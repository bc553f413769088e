import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, in that order, all of more than ten seconds: tests of whole stacks
 * are small files, and Vitest takes large ones for long as long as it has seen none of them run.
 */
export const longest = [
  "test/matching/faults/faults.test.ts",
  "test/kill/kill.test.ts",
  "test/withdrawals/faults.test.ts",
  "services/matching/testing/long-run.test.ts",
  "services/matching/testing/differential.test.ts",
  "test/start.test.ts",
  "services/billing/writer/writer.test.ts",
  "test/authorization.test.ts",
  "test/kill/ledger/crash.test.ts",
  "services/matching/orders.test.ts",
  "services/billing/writer/takeover.test.ts",
  "test/matching/crash/crash.test.ts",
  "mesh/events/relay.test.ts",
  "services/matching/changes.test.ts",
  "services/sms/worker/lane.test.ts",
  "test/withdrawals/story.test.ts",
  "services/matching/markets.test.ts",
  "test/join-and-charge.test.ts",
  "services/billing/writer/standby.test.ts",
  "test/settlement-gate.test.ts",
  "mesh/events/consume.test.ts",
  "test/send-a-message.test.ts",
  "services/matching/writer/writer.test.ts",
  "services/billing/domain/naive-ledger.test.ts",
  "services/matching/domain/money-property.test.ts",
  "services/billing/audit/running-audit.test.ts",
  "mesh/events/work-event.test.ts",
  "test/withdrawals/seed.test.ts",
  "mesh/local/postgres.test.ts",
];

/** Starts the longest files first, so that no worker is left alone with one of them at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array, but who sorts them
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((name) => moduleId.endsWith(`/${name}`));
  return place === -1 ? longest.length : place;
}
