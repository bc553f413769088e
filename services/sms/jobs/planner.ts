import type { Job } from "#mesh/jobs/loop.ts";
import { PLANNER_EVERY_MS } from "#mesh/limits.ts";
import type { Sms } from "../context.ts";
import { keepPlannerInformed } from "../operations/keep-planner-informed.ts";

/** Keeps the planner informed of tables that grow fast. */
export const plannerJob = (sms: Pick<Sms, "db">): Job => ({
  name: "planner",
  everyMs: PLANNER_EVERY_MS,
  run: async () => void (await keepPlannerInformed(sms)),
});
