import { setTimeout as delay } from "node:timers/promises";
import { type Credit, type Merchant, more, type Pool } from "./people.ts";
import type { Played, Scene } from "./play-fault.ts";

/** What pool and credits are at one moment. */
export type Books = { readonly pool: Pool; readonly credits: ReadonlyMap<Merchant, Credit> };

/** Reads the books once nothing is held any more, or when that takes too long. */
export async function quietBooksOf(scene: Scene): Promise<Books> {
  const endMs = performance.now() + QUIET_MS;
  for (;;) {
    const books = await booksOf(scene);
    if (books.pool.held === "0.00" || performance.now() > endMs) return books;
    await delay(200);
  }
}

async function booksOf({ people, merchants }: Scene): Promise<Books> {
  const credits = merchants.map(async (one) => [one, await people.credit(one)] as const);
  return { pool: await people.pool(), credits: new Map(await Promise.all(credits)) };
}

/** Compares books with those before and with what was paid since; a sentence for what is wrong. */
export function wrongIn(before: Books, after: Books, played: readonly Played[]): string[] {
  const paid = played.filter(({ shown }) => shown.state === "STATE_SUCCEEDED");
  const due = more(before.pool.available, -paid.length);
  const { available, held } = after.pool;
  return [
    ...(available === due ? [] : [`the pool has ${available}, not ${due}`]),
    ...(held === "0.00" ? [] : [`the pool holds ${held}`]),
    ...[...after.credits].flatMap(([merchant, credit]) => {
      const own = paid.filter((one) => one.merchant === merchant).length;
      const used = more(before.credits.get(merchant)!.utilized, own);
      if (credit.utilized === used && credit.held === "0.00") return [];
      const is = `has used ${credit.utilized} and holds ${credit.held}`;
      return [`${merchant.username} ${is}, not ${used} and 0.00`];
    }),
  ];
}

/** How long it may take until what was left open is decided, whatever was killed. */
const QUIET_MS = 90_000;
