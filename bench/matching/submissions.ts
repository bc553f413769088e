import type { Command } from "../../services/matching/domain/command.ts";
import { createFlow, emptyStep } from "../../services/matching/testing/flow.ts";
import { flowId, flowSetUp, toCommand } from "../../services/matching/testing/flow-commands.ts";
import type { Submission } from "../../services/matching/writer/submission.ts";
import { FLOW } from "./core.ts";
import { USERS } from "./logs.ts";

/** A flow as callers of the writer hand it over, a part at a time. */
export type Submissions = {
  /** The market, and the orders that fill its book. */
  readonly fill: readonly Submission[];
  /** Draws the next commands. */
  readonly draw: (count: number) => Submission[];
};

/** Makes a flow of the exchange-core mix. */
export function createSubmissions(): Submissions {
  const flow = createFlow({ ...FLOW, mix: "exchange-core" });
  const step = emptyStep();
  const draw = (count: number) =>
    Array.from({ length: count }, () => {
      flow.next(step);
      const command = toCommand(step);
      return { owner: owners[step.user]!, fees: FEES, command };
    });
  const market = flowSetUp(0, [flow])
    .filter(({ kind }: Command) => kind !== "TIER")
    .map((command) => ({ command }));
  return { fill: [...market, ...draw(flow.fill)], draw };
}

const owners = Array.from({ length: USERS }, (_, user) => flowId(user + 1, 0));
const FEES = { maker: { ppm: 1000, perLot: 0 }, taker: { ppm: 1500, perLot: 0 } };
