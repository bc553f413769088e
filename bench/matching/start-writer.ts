// A process of its own that starts the writer on a database and has it apply a group: what else a
// bench has in memory would be collected again and again meanwhile.
import { type Group, submitGroup } from "./command-groups.ts";
import { openDatabase, openWriter } from "./open-writer.ts";

/** What the parent asks for. */
export type Asked = { readonly url: string; readonly group: Group };

const never = { batches: Number.MAX_SAFE_INTEGER, ms: Number.MAX_SAFE_INTEGER };

process.once("message", async ({ url, group }: Asked) => {
  await using db = await openDatabase(url); // as in a service, whose pool is open by then
  const startMs = performance.now();
  await using writer = await openWriter(db, { hasResults: false, snapshotEvery: never });
  await submitGroup(writer, group);
  process.send?.((performance.now() - startMs) / 1000);
  process.disconnect?.();
});
