/**
 * The first and the last of some ids: beside them PostgreSQL plans for the days alone (DATA-1). An
 * update that takes its values from a list also says `id = any(…)`, or it reads the whole range.
 */
export function idRange(ids: readonly string[]): readonly [first: string, last: string] {
  let first = ids[0] ?? NOTHING;
  let last = first;
  for (const id of ids) {
    if (id < first) first = id;
    if (id > last) last = id;
  }
  return [first, last];
}

const NOTHING = "00000000-0000-0000-0000-000000000000";
