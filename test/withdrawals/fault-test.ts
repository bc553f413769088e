import { setTimeout as delay } from "node:timers/promises";
import type { Findings } from "../kill/verdict.ts";
import { type Fault, textOf } from "./fault.ts";
import type { Credit, Merchant, Pool } from "./people.ts";
import { type Played, playFault, type Scene } from "./play-fault.ts";

/**
 * Plays faults one after the other and compares, after each, what merchants were told with what the
 * bank has paid, and the books with both. Returns what was found, by the sentence that it breaks.
 */
export async function faultTest(
  scene: Scene,
  faults: readonly Fault[],
  say: (text: string) => void,
): Promise<Findings> {
  const findings = new Map(Object.values(sentences).map((text) => [text, [] as string[]]));
  const note = (sentence: string, text: string) => findings.get(sentence)!.push(text);
  for (const [index, fault] of faults.entries()) {
    const before = await booksOf(scene);
    const startMs = performance.now();
    const about = `${index + 1} of ${faults.length}, ${textOf(fault)}`;
    try {
      const played = await playFault(scene, fault);
      const tookMs = Math.round(performance.now() - startMs);
      say(
        `${about}: ${played.map(({ shown }) => shown.state.slice(6)).join(", ")} after ${tookMs} ms`,
      );
      if (tookMs > DECIDED_MS) note(sentences.soon, `${about}: after ${tookMs} ms`);
      for (const one of played) check(one, (sentence, text) => note(sentence, `${about}: ${text}`));
      await compare(scene, before, played).catch((error: unknown) => {
        note(sentences.exact, `${about}: ${(error as Error).message}`);
      });
    } catch (error) {
      say(`${about}: ${(error as Error).message}`);
      note(sentences.decided, `${about}: ${(error as Error).message}`);
    }
    await scene.stack.ready(READY_MS);
  }
  return findings;
}

const sentences = {
  decided: "every withdrawal was decided and has ended",
  soon: "each has ended within 15 s of its first call, restarts included",
  once: "the bank has paid what succeeded exactly once, and nothing else",
  sent: "what the bank may have got was not sent again (PAY-3)",
  repeated: "the same key got the answer of the first time again",
  exact: "pool and credit are lower by what has succeeded, to the unit, and nothing stays held",
};

function check(one: Played, note: (sentence: string, text: string) => void): void {
  const { shown, payments, submits, isRepeated } = one;
  const { id, state, reason = "" } = shown;
  const due = state === "STATE_SUCCEEDED" ? 1 : 0;
  if (payments !== due) note(sentences.once, `${id} ${state} ${reason} was paid ${payments} times`);
  if (submits > 1) note(sentences.sent, `${id} was sent ${submits} times`);
  if (!isRepeated) note(sentences.repeated, `${id} was answered differently`);
}

type Books = { readonly pool: Pool; readonly credits: ReadonlyMap<Merchant, Credit> };

async function booksOf({ people, merchants }: Scene): Promise<Books> {
  const credits = merchants.map(async (one) => [one, await people.credit(one)] as const);
  return { pool: await people.pool(), credits: new Map(await Promise.all(credits)) };
}

/** Waits a moment for what is booked after the answer, then throws for every unit that is wrong. */
async function compare(scene: Scene, before: Books, played: readonly Played[]): Promise<void> {
  const paid = played.filter(({ shown }) => shown.state === "STATE_SUCCEEDED");
  const wanted = {
    pool: lowered(before.pool.available, paid.length),
    used: new Map(
      [...before.credits].map(([merchant, { utilized }]) => {
        const own = paid.filter((one) => one.merchant === merchant).length;
        return [merchant.username, lowered(utilized, -own)];
      }),
    ),
  };
  const endMs = performance.now() + BOOKED_MS;
  for (;;) {
    const { pool, credits } = await booksOf(scene);
    const wrong = [
      ...(pool.available === wanted.pool
        ? []
        : [`the pool has ${pool.available}, not ${wanted.pool}`]),
      ...(pool.held === "0.00" ? [] : [`the pool holds ${pool.held}`]),
      ...[...credits].flatMap(([{ username }, { utilized, held }]) => {
        const due = wanted.used.get(username);
        return utilized === due && held === "0.00"
          ? []
          : [`${username} has used ${utilized} and holds ${held}, not ${due} and 0.00`];
      }),
    ];
    if (wrong.length === 0) return;
    if (performance.now() > endMs) throw new Error(wrong.join("; "));
    await delay(100);
  }
}

/** An amount of whole units with so many less. */
function lowered(amount: string, units: number): string {
  return (Number(amount) - units).toFixed(2);
}

/** How soon a withdrawal has to end after a fault: as soon as all has to be healthy again. */
const DECIDED_MS = 15_000;
/** A withdrawal has ended when it is booked; what is cached somewhere may be a moment old. */
const BOOKED_MS = 2000;
const READY_MS = 60_000;
