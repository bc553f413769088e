import type { Job } from "#mesh/jobs/loop.ts";
import { steadily } from "#mesh/jobs/steadily.ts";
import { BOOKINGS_IDLE_MS, OVERDUE_EVERY_MS, REVIEW_STATEMENTS_EVERY_MS } from "#mesh/limits.ts";
import { bookStatements } from "../operations/book-statements.ts";
import { judgeAgain } from "../operations/judge-again.ts";
import { tellOfStatements } from "../operations/tell-of-statements.ts";
import { tellOverdue } from "../operations/tell-overdue.ts";
import { returnJobs } from "./returns.ts";

/** What the jobs need. */
type Means = Parameters<typeof bookStatements>[0] & Parameters<typeof tellOverdue>[0];

/** The jobs of what statements say: the ledger learns of it, and people of what differs. */
export const statementJobs = (means: Means): Job[] => [
  steadily("book-statements", BOOKINGS_IDLE_MS, async () => bookStatements(means)),
  ...returnJobs(means),
  reviewJob(means),
  {
    name: "overdue-payouts",
    everyMs: OVERDUE_EVERY_MS,
    run: async () => tellOverdue(means),
  },
];

function reviewJob(means: Means): Job {
  let afterId = 0;
  const run = async () => {
    afterId = await judgeAgain(means, afterId);
    await tellOfStatements(means);
  };
  return { name: "review-statements", everyMs: REVIEW_STATEMENTS_EVERY_MS, run };
}
