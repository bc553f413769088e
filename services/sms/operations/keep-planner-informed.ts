import type { Sms } from "../context.ts";
import { analyzeChanged } from "../store/analyze.ts";

/** Keeps what the planner knows of fast-growing tables near the truth. */
export async function keepPlannerInformed({ db }: Pick<Sms, "db">): Promise<number> {
  return analyzeChanged(db);
}
