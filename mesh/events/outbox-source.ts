import type { Connection } from "../database/connection.ts";
import { MAX_EVENTS_COUNTED, MAX_FOREIGN_MESSAGES } from "../limits.ts";
import type { Bus } from "./bus.ts";
import type { StreamState } from "./bus-streams.ts";
import * as names from "./headers.ts";
import type { Found, Item, Source } from "./source.ts";

/** The outbox of a stream as a source of the relay: positions are the numbers it gave (N2). */
export function outboxSource(connection: Connection, stream: string): Source {
  const number = async (text: string): Promise<number> => {
    const [row] = await connection.query<{ value: number | null }>(text, [stream]);
    return row?.value ?? 0;
  };
  let known = 0; // the last number that we have seen given
  const read = async (after: number, limit: number): Promise<Item[]> => {
    const claimed = await connection.query<Row>(claim, [stream, limit]);
    claimed.sort((one, other) => one.position - other.position);
    known = claimed.at(-1)?.position ?? known;
    if (claimed[0]?.position === after + 1) return claimed.map(toItem);
    if (after >= known) return [];
    return (await connection.query<Row>(readOn, [stream, after, limit])).map(toItem);
  };
  return {
    name: "outbox",
    read,
    floor: async () => number(floor),
    last: async () => (known = await number(last)),
    locate: async (bus, state) => locate(bus, stream, state),
  };
}

/** How many events of a stream are not published yet; many are not counted to the end. */
export async function outboxWaiting(connection: Connection, stream: string): Promise<number> {
  const values = [stream, MAX_EVENTS_COUNTED];
  const [row] = await connection.query<{ value: number }>(waiting, values);
  return row?.value ?? 0;
}

/** Looks for the last message that the relay has published; others may have put theirs after it. */
async function locate(bus: Bus, stream: string, state: StreamState): Promise<Found | undefined> {
  const first = Math.max(state.firstSeq, state.lastSeq - MAX_FOREIGN_MESSAGES);
  for (let streamSeq = state.lastSeq; streamSeq >= first; streamSeq -= 1) {
    const offset = (await bus.messageAt(stream, streamSeq))?.header(names.OFFSET_HEADER);
    if (offset !== undefined) return { position: Number(offset), streamSeq };
  }
  return undefined;
}

type Row = {
  readonly position: number;
  readonly event_id: string;
  readonly subject: string;
  readonly key: string;
  readonly seq: number | null;
  readonly traceparent: string | null;
  readonly at_ms: number;
  readonly payload: Buffer;
};

function toItem(row: Row): Item {
  const headers: Record<string, string> = {
    [names.TIME_HEADER]: String(row.at_ms),
    [names.KEY_HEADER]: row.key,
    [names.TYPE_HEADER]: names.PROTOBUF,
  };
  if (row.seq !== null) headers[names.SEQ_HEADER] = String(row.seq);
  if (row.traceparent !== null) headers[names.TRACE_HEADER] = row.traceparent;
  const { position, event_id: id, subject, payload, at_ms: atMs } = row;
  return { position, id, subject, headers, payload, atMs };
}

const columns = `stream_offset as position, event_id, subject, key, seq, traceparent,
  (extract(epoch from at) * 1000)::bigint as at_ms, payload`;
const claim = `select ${columns} from claim_outbox($1, $2)`;
const readOn = `select ${columns} from outbox
  where stream = $1 and stream_offset > $2 order by stream_offset limit $3`;
const floor = `select coalesce(
  (select min(stream_offset) - 1 from outbox where stream = $1),
  (select last_offset from outbox_number where stream = $1)) as value`;
const last = "select last_offset as value from outbox_number where stream = $1";
const waiting = `select count(*)
  + coalesce((select last_offset from outbox_number where stream = $1), 0)
  - coalesce((select position from relay_position where stream = $1 and source = 'outbox'), 0)
    as value
  from (select from outbox where stream = $1 and stream_offset is null limit $2) as unnumbered`;
