import type { Connection } from "#mesh/database/connection.ts";
import { AUDIT_ID_BLOCKS } from "#mesh/limits.ts";
import {
  type Blocks,
  countIdBlocks,
  findIdleIds,
  findUnknownIds,
  type OddId,
  sumUsedIds,
} from "../store/audit-ids.ts";
import { readColumns } from "../store/read-columns.ts";
import type { Comparison } from "./compare.ts";

/** Where the ids end that are compared, and what to do between two steps of it. */
export type IdSearch = { readonly untilUs: number; readonly rest: () => Promise<void> };

/**
 * The ids that are known to be used are those of the transfers, each with its time (L17). Sums over
 * both tables tell whether that is so; only when they differ it is looked for where.
 */
export async function compareIds(comparison: Comparison, search: IdSearch): Promise<void> {
  const { connection, remade, report } = comparison;
  const { untilUs, rest } = search;
  const parts = await partsOf(connection);
  let [count, sum] = [0, 0n];
  for (const part of parts) {
    const found = await sumUsedIds(connection, part, untilUs);
    [count, sum] = [count + found.count, sum + found.sum];
    await rest();
  }
  if (count === remade.ids.count && sum === remade.ids.sum) return;
  const found = await reportOdd(comparison, parts, search);
  if (found > 0) return;
  const texts = { expected: `${remade.ids.count} ids`, found: `${count} others` };
  report({ slot: 0, seq: 0, field: "transfer_id", ...texts });
}

async function partsOf(connection: Connection): Promise<Blocks[]> {
  const count = await countIdBlocks(connection);
  return Array.from({ length: Math.ceil(count / AUDIT_ID_BLOCKS) }, (_, part) => {
    return { from: part * AUDIT_ID_BLOCKS, to: (part + 1) * AUDIT_ID_BLOCKS };
  });
}

/** Goes through both tables with look-ups in the other one; returns how much it has found. */
async function reportOdd(
  { connection, report }: Comparison,
  parts: readonly Blocks[],
  { untilUs, rest }: IdSearch,
): Promise<number> {
  let count = 0;
  const tell = async (odd: readonly OddId[]) => {
    for (const { slot, seq, transfer: expected, id: found } of odd) {
      report({ slot, seq, field: "transfer_id", expected, found });
    }
    count += odd.length;
    await rest();
  };
  for (let afterUs = 0; ;) {
    const page = await readColumns(connection, { afterUs, untilUs }, ["seq"]);
    if (page.count === 0) break;
    await tell(await findUnknownIds(connection, afterUs, page.lastUs));
    afterUs = page.lastUs;
  }
  for (const part of parts) await tell(await findIdleIds(connection, part, untilUs));
  return count;
}
