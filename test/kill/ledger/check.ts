import { type Connection, openConnection } from "#mesh/database/connection.ts";
import type { Findings } from "../verdict.ts";
import { Outcome, type Outcomes } from "./mix.ts";

/** Compares what the clients were told with the tables; sentences that hold have no violations. */
export async function checkCrash(url: string, outcomes: Outcomes): Promise<Map<string, string[]>> {
  await using connection = await openConnection({
    url,
    name: "crash test",
    statementTimeoutMs: STATEMENT_MS,
  });
  await connection.query("set work_mem = '256MB'");
  const counts = await countRows(connection, outcomes.length);
  const findings = new Map<string, string[]>(compare(outcomes, counts));
  for (const [sentence, sql] of Object.entries(queries)) {
    const rows = await connection.query<{ violation: string }>(`${sql} limit 5`);
    findings.set(
      sentence,
      rows.map(({ violation }) => violation),
    );
  }
  return findings satisfies Findings;
}

/** How many rows each number has; the last place counts rows that nobody asked for. */
async function countRows(connection: Connection, sent: number): Promise<Uint32Array> {
  const counts = new Uint32Array(sent + 1);
  for (let after = 0; ;) {
    const rows = await connection.query<{ at_us: number; number: string }>(
      `select at_us, replace(user_data::text, '-', '') as number from transfer
        where kind <> 5 and code = 100 and at_us > $1 order by at_us limit 50000`,
      [after],
    );
    for (const { number } of rows) {
      const place = Number.parseInt(number, 16) - 1;
      counts[place >= 0 && place < sent ? place : sent]! += 1;
    }
    const last = rows.at(-1);
    if (last === undefined) return counts;
    after = last.at_us;
  }
}

function compare(outcomes: Outcomes, counts: Uint32Array): [string, string[]][] {
  const told = (outcome: Outcome, isWrong: (count: number) => boolean) =>
    outcomes.flatMap((found, number) => {
      return found === outcome && isWrong(counts[number]!) ? [`transfer ${number}`] : [];
    });
  const twice = outcomes.flatMap((_, number) =>
    counts[number]! > 1 ? [`transfer ${number}`] : [],
  );
  const strange = counts[outcomes.length]!;
  return [
    ["what was acknowledged was applied", told(Outcome.APPLIED, (count) => count !== 1)],
    ["what was refused was not applied", told(Outcome.REFUSED, (count) => count !== 0)],
    ["no transfer was applied twice", twice],
    ["nothing was applied that nobody asked for", strange === 0 ? [] : [`${strange} rows`]],
  ];
}

/** Both sides of every row, with what it changes there and what is stored as the counters after. */
const sides = `
  with pendings as (select at_us, amount from transfer where kind = 2),
  changes as (
    select t.*, case when kind in (1, 3) then t.amount else 0 end as posted,
      case when kind = 2 then t.amount when kind in (3, 4, 5) then -p.amount else 0 end as pending
    from transfer t left join pendings p on p.at_us = t.pending_at_us
  ),
  sides as (
    select debit_slot as slot, at_us, seq, debit_version as version, pending as dp, posted as d,
      0 as cp, 0 as c, debit_pending_after as dp_after, debit_posted_after as d_after,
      null::numeric as cp_after, null::numeric as c_after
    from changes
    union all
    select credit_slot, at_us, seq, credit_version, 0, 0, pending, posted, null, null,
      credit_pending_after, credit_posted_after
    from changes
  ),
  folded as (
    select slot, at_us, seq, version, dp_after, d_after, cp_after, c_after,
      row_number() over w as place, sum(dp) over w as dp, sum(d) over w as d,
      sum(cp) over w as cp, sum(c) over w as c
    from sides window w as (partition by slot order by at_us)
  )`;

const queries: Record<string, string> = {
  "the sequence has no gap": `
    select format('%s rows end at %s', count(*), max(seq)) as violation from transfer
      having count(*) <> coalesce(max(seq), 0)`,
  "debits and credits of every asset are equal": `
    select format('ledger %s', ledger) as violation from account group by ledger
      having sum(debits_posted) <> sum(credits_posted)
        or sum(debits_pending) <> sum(credits_pending)`,
  "the counters after every row are the fold up to it": `${sides}
    select format('row %s of account %s', seq, slot) as violation from folded
      where version <> place or dp_after <> dp or d_after <> d or cp_after <> cp or c_after <> c`,
  "no limited account was ever overdrawn": `${sides}
    select format('row %s of account %s', folded.seq, slot) as violation
      from folded join account using (slot)
      where flags & 2 <> 0 and folded.dp + folded.d > folded.c`,
  "every balance is the fold of its rows": `${sides}, last as (
      select distinct on (slot) * from folded order by slot, at_us desc
    )
    select format('account %s', account.slot) as violation
      from account left join last using (slot)
      where account.version <> coalesce(last.version, 0)
        or debits_pending <> coalesce(last.dp, 0) or debits_posted <> coalesce(last.d, 0)
        or credits_pending <> coalesce(last.cp, 0) or credits_posted <> coalesce(last.c, 0)`,
  "what is pending is what is still open": `
    select format('ledger %s', ledger) as violation
      from (select ledger, sum(debits_pending) as held from account group by ledger) held
      left join (
        select ledger, sum(amount) as open from pending_open join transfer using (at_us)
          group by ledger
      ) still using (ledger)
      where held.held <> coalesce(still.open, 0)`,
};

const STATEMENT_MS = 300_000;
