import type { Writer } from "../../services/matching/writer/writer-api.ts";
import type { Submission } from "../../services/matching/writer/submission.ts";
import { type Done, openLoop } from "../load.ts";
import { quantile } from "../report.ts";
import type { Case } from "../rounds.ts";
import type { Submissions } from "./submissions.ts";

/** How many commands a caller hands over at a time, and how many callers there are. */
export const LARGE_GROUPS = { size: 4096, callers: 2, commands: 1_500_000 };
export const SMALL_GROUPS = { size: 512, callers: 2, commands: 750_000 };

/** How many commands are due a second at a fixed rate, and in how many groups. */
export const FIXED = { perSecond: 50_000, groups: 1000 };

/** Measures the writer: commands that are answered when their batch is committed and applied. */
export function journaledCases(writer: Writer, flow: Submissions, ms: number): Case[] {
  return [
    async () => flatOut("journaled", LARGE_GROUPS),
    async () => flatOut("journaled, 512 at a time", SMALL_GROUPS),
    atFixedRate,
  ];

  async function flatOut(name: string, { size, callers, commands }: typeof LARGE_GROUPS) {
    const groups = split(flow.draw(commands), size);
    const startMs = performance.now();
    const latenciesMs: number[] = [];
    const caller = async () => {
      for (let group = groups.pop(); group; group = groups.pop()) {
        const sentMs = performance.now();
        await submit(writer, group);
        latenciesMs.push(performance.now() - sentMs);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return figures(name, {
      perSecond: (commands / (performance.now() - startMs)) * 1000,
      latenciesMs,
    });
  }

  async function atFixedRate() {
    const { perSecond, groups } = FIXED;
    const drawn = split(flow.draw((perSecond * ms) / 1000), perSecond / groups);
    const done = await openLoop({ perSecond: groups, ms }, async () =>
      submit(writer, drawn.pop()!),
    );
    return figures("journaled at a fixed rate", done);
  }
}

/** Hands commands over; throws when one is refused. */
export async function submit(writer: Writer, group: readonly Submission[]): Promise<number> {
  const outcomes = await writer.submit(group);
  const refused = outcomes.find(({ refusal }) => refusal !== undefined);
  if (refused !== undefined) throw new Error(`a command was refused: ${refused.refusal}`);
  return group.length;
}

/** Groups, the last first. */
function split<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  const groups = Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size));
  return groups.toReversed();
}

function figures(name: string, { perSecond, latenciesMs }: Done): Record<string, number> {
  const [p50, p99] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  return { [name]: perSecond, [`${name}, p50`]: p50, [`${name}, p99`]: p99 };
}
