import { EXPORTED_CHUNK_ENTRIES } from "#mesh/limits.ts";
import { fail as refuse } from "#mesh/reasons.ts";
import type { Billing } from "../context.ts";
import { type FileFormat, fileHead, fileLines } from "./statement-file.ts";
import { findEntries } from "../store/entries.ts";
import { findOwnSlots } from "../store/own-slots.ts";
import { caughtUp } from "../writer/caught-up.ts";
import type { Bounds } from "../writer/work.ts";
import { type OwnAsset, ownAccounts } from "./own-accounts.ts";

/** Which entries to write, and how. */
export type Export = OwnAsset & {
  readonly format: FileFormat;
  /** From this time and before that one, in microseconds since 1970. */
  readonly startUs?: number | undefined;
  readonly endUs?: number | undefined;
};

/**
 * Writes the statement of an owner's asset as a file in UTF-8, oldest first, piece by piece: the
 * next one is read when the one before is taken. It has what was there at the moment of the call,
 * however long that takes, and holds no transaction meanwhile: entries never change, so that those
 * until a time are the same at any later one. Throws UNKNOWN_ASSET and DEADLINE_PASSED.
 */
export async function* exportEntries(
  { db, writer, assets }: Billing,
  { format, startUs = 0, endUs = Infinity, ...own }: Export,
  bounds: Bounds,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const asset = assets.byCode(own.asset);
  const accounts = ownAccounts(assets, own);
  const { lastAtUs } = await caughtUp(writer, bounds);
  const slots = await findOwnSlots(db, accounts);
  const head = fileHead(format);
  if (head !== "") yield encoder.encode(head);
  if (slots === undefined) return;
  const search = { beforeUs: Math.min(endUs, lastAtUs + 1), isOldestFirst: true, limit };
  for (let fromUs: number | undefined = startUs; fromUs !== undefined;) {
    checkBounds(bounds);
    const { entries, seenToUs } = await findEntries(db, slots, { ...search, fromUs });
    if (entries.length > 0) yield encoder.encode(fileLines(format, asset!, entries));
    fromUs = entries.length === limit ? entries.at(-1)!.atUs + 1 : seenToUs;
  }
}

const limit = EXPORTED_CHUNK_ENTRIES;

const encoder = new TextEncoder();

function checkBounds({ signal, deadlineMs = Infinity }: Bounds): void {
  signal?.throwIfAborted();
  if (Date.now() >= deadlineMs) throw refuse("DEADLINE_PASSED");
}
