import { MAX_BOOK_DELTAS, MAX_KEPT_LEVELS } from "#mesh/limits.ts";
import { type Delta, levelsOf } from "./delta.ts";

/** The latest changes of a book, for those who come back. */
export type KeptDeltas = {
  readonly add: (delta: Delta) => void;
  /** What follows a sequence; undefined when some of that is not kept any more. */
  readonly since: (sequence: number) => readonly Delta[] | undefined;
};

/** Keeps deltas that follow one another, up to a bound of them and of their levels. */
export function keepDeltas(): KeptDeltas {
  const kept: Delta[] = [];
  let [begin, levels] = [0, 0];
  const isTooMuch = () => kept.length - begin > MAX_BOOK_DELTAS || levels > MAX_KEPT_LEVELS;
  const drop = () => {
    levels -= levelsOf(kept[begin]!);
    begin += 1;
    if (begin < MAX_BOOK_DELTAS) return;
    kept.splice(0, begin);
    begin = 0;
  };
  return {
    add: (delta) => {
      kept.push(delta);
      levels += levelsOf(delta);
      while (isTooMuch()) drop();
    },
    since: (sequence) => {
      const [first, last] = [kept[begin], kept.at(-1)];
      if (first === undefined || first.first > sequence + 1) return undefined;
      if (sequence >= last!.last) return [];
      const at = kept.findLastIndex((delta) => delta.last <= sequence);
      return kept.slice(Math.max(begin, at + 1));
    },
  };
}
