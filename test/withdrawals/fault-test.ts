import type { Findings } from "../kill/verdict.ts";
import { quietBooksOf, wrongIn } from "./books.ts";
import { type Fault, textOf } from "./fault.ts";
import { type Played, playFaults, type Scene, type Witness, witnessOf } from "./play-fault.ts";

/** Rounds of faults, whether each waits for the one before, and who hears of them. */
export type FaultOptions = {
  readonly rounds: readonly (readonly Fault[])[];
  /**
   * Whether a round begins as soon as all processes run again, while the withdrawals of the rounds
   * before are still on their way.
   */
  readonly isHurried?: boolean;
  readonly say: (text: string) => void;
};

/**
 * Plays rounds of faults and compares what merchants were told with what the bank has paid, and the
 * books with both. Returns what was found, by the sentence that it breaks.
 */
export async function faultTest(
  scene: Scene,
  { rounds, isHurried = false, say }: FaultOptions,
): Promise<Findings> {
  const findings = new Map(Object.values(sentences).map((text) => [text, [] as string[]]));
  const note: Note = (sentence, text) => findings.get(sentences[sentence])!.push(text);
  const groups = isHurried ? [rounds] : rounds.map((round) => [round]);
  for (const [index, group] of groups.entries()) {
    const before = await quietBooksOf(scene);
    const ends: Promise<readonly Played[]>[] = [];
    for (const faults of group) {
      const { struck, ended } = playRound(scene, faults, { note, say });
      await struck;
      ends.push(ended);
    }
    const startMs = performance.now();
    const played = (await Promise.all(ends)).flat();
    const tookMs = Math.round(performance.now() - startMs);
    const about = `round ${index + 1} of ${groups.length}`;
    say(`${about}: all has ended ${tookMs} ms after the last process was started again`);
    if (tookMs > SOON_MS) note("soon", `${about}: ${tookMs} ms after it`);
    for (const one of played) judge(one, await witnessOf(scene, one), note);
    const wrong = wrongIn(before, await quietBooksOf(scene), played);
    for (const text of wrong) note("exact", `${about}: ${text}`);
  }
  return findings;
}

const sentences = {
  decided: "every step was reached, and every withdrawal was decided and has ended",
  soon: "all has ended within 30 s of the last kill, once every process runs again",
  once: "the bank has paid what succeeded exactly once, and nothing else",
  sent: "what the bank may have got was not sent again (PAY-3)",
  repeated: "the same key got the answer of the first time again",
  exact: "pool and credit are lower by what has succeeded, to the unit, and nothing stays held",
};

/** Hears of what breaks a sentence. */
export type Note = (sentence: keyof typeof sentences, text: string) => void;

/** Plays one round; what goes wrong is noted, so that the next can be played. */
function playRound(
  scene: Scene,
  faults: readonly Fault[],
  { note, say }: { readonly note: Note; readonly say: (text: string) => void },
) {
  const about = textOf(faults);
  const startMs = performance.now();
  const { struck, ended } = playFaults(scene, faults);
  const failed = (error: unknown) => note("decided", `${about}: ${(error as Error).message}`);
  return {
    struck: struck.catch(failed),
    ended: ended.then(
      (played) => {
        const states = Map.groupBy(played, ({ shown }) => shown.state.slice("STATE_".length));
        const counts = [...states].map(([state, { length }]) => `${length} ${state}`).join(", ");
        say(`${about}: ${counts} after ${Math.round(performance.now() - startMs)} ms`);
        return played;
      },
      (error: unknown): readonly Played[] => {
        failed(error);
        return [];
      },
    ),
  };
}

/** Compares what a caller was told with what the banks say. */
export function judge(
  { shown }: Pick<Played, "shown">,
  { payments, submits, isRepeated }: Witness,
  note: Note,
): void {
  const { id, state, reason = "" } = shown;
  const due = state === "STATE_SUCCEEDED" ? 1 : 0;
  if (payments !== due) note("once", `${id} ${state} ${reason} was paid ${payments} times`);
  if (submits > due) note("sent", `${id} was sent ${submits} times`);
  if (!isRepeated) note("repeated", `${id} was answered differently`);
}

/** Twice what the processes have: a withdrawal may stand in a pause after calls in vain. */
const SOON_MS = 30_000;
