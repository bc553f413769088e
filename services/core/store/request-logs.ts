import { type RawBuilder, sql } from "kysely";
import { MAX_SCANNED_REQUEST_LOGS } from "#mesh/limits.ts";
import type { RequestLog, RequestLogFilter } from "../domain/request-log.ts";
import type { Queries } from "./tables.ts";

/** Inserts calls in one statement; those that are there already stay as they are. */
export async function insertRequestLogs(db: Queries, logs: readonly RequestLog[]): Promise<void> {
  const column = (name: keyof RequestLog) => logs.map((row) => row[name]);
  const times = logs.map(({ atMs }) => new Date(atMs).toISOString());
  await sql`
    insert into request_log (id, service, method, principal, peer, ip, code, reason, duration_ms,
      idempotency_key, object_id, called_at)
    select * from unnest(
      ${column("id")}::uuid[], ${column("service")}::text[], ${column("method")}::text[],
      ${column("principal")}::text[], ${column("peer")}::text[], ${column("ip")}::text[],
      ${column("code")}::text[], ${column("reason")}::text[], ${column("durationMs")}::int[],
      ${column("idempotencyKey")}::text[], ${column("objectId")}::text[], ${times}::timestamptz[])
    on conflict do nothing`.execute(db);
}

/** Where a page begins: after this call. */
export type RequestLogPosition = { readonly atMs: number; readonly id: string };

type Page = { readonly after: RequestLogPosition | undefined; readonly limit: number };

/**
 * The calls after a position, the newest first. It looks at a bounded number of them: a page that
 * is short goes on after the position that it returns, if there is one.
 */
export async function listRequestLogs(
  db: Queries,
  filter: RequestLogFilter,
  { after, limit }: Page,
): Promise<{ logs: RequestLog[]; scannedTo: RequestLogPosition | undefined }> {
  const near = joined(indexed(filter, after));
  const found = await sql<Row>`
    select * from (
      select * from request_log where ${near}
      order by called_at desc, id desc limit ${MAX_SCANNED_REQUEST_LOGS}
    ) as scanned
    where ${joined(exact(filter))} order by called_at desc, id desc limit ${limit}`.execute(db);
  const logs = found.rows.map(toRequestLog);
  if (logs.length === limit) return { logs, scannedTo: undefined };
  const { rows } = await sql<Pick<Row, "called_at" | "id">>`
    select called_at, id from request_log where ${near}
    order by called_at desc, id desc
    offset ${MAX_SCANNED_REQUEST_LOGS - 1} limit 1`.execute(db);
  const [last] = rows;
  return { logs, scannedTo: last && { atMs: last.called_at.getTime(), id: last.id } };
}

/** What an index can look for. */
function indexed(
  { principal, code, startMs, endMs }: RequestLogFilter,
  after: RequestLogPosition | undefined,
): (RawBuilder<unknown> | undefined)[] {
  return [
    principal === "" ? undefined : sql`principal = ${principal}`,
    code === "" || code === "Ok" ? undefined : sql`code <> 'Ok'`,
    startMs === undefined ? undefined : sql`called_at >= ${timeOf(startMs)}::timestamptz`,
    endMs === undefined ? undefined : sql`called_at < ${timeOf(endMs)}::timestamptz`,
    after && sql`(called_at, id) < (${timeOf(after.atMs)}::timestamptz, ${after.id}::uuid)`,
  ];
}

/** What each call is asked. */
function exact({ method, code }: RequestLogFilter): (RawBuilder<unknown> | undefined)[] {
  return [
    method === "" ? undefined : called(method),
    code === "" ? undefined : sql`code = ${code}`,
  ];
}

/** Calls of a service or a method, or of a path with its verb or without. */
function called(method: string): RawBuilder<unknown> {
  if (method.startsWith("/")) {
    const path = method.replace(/\/$/, "");
    const logged = sql`rtrim(split_part(method, ' ', 2), '/')`;
    return sql`(method = ${method.slice(1)} or ${logged} = ${path})`;
  }
  if (method.includes("/")) return sql`method = ${method}`;
  return sql`(${method} in (service, method) or starts_with(method, ${`${method}/`}))`;
}

function joined(conditions: readonly (RawBuilder<unknown> | undefined)[]): RawBuilder<unknown> {
  return sql.join([sql`true`, ...conditions.filter((one) => one !== undefined)], sql` and `);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

type Row = {
  readonly id: string;
  readonly service: string;
  readonly method: string;
  readonly principal: string;
  readonly peer: string;
  readonly ip: string;
  readonly code: string;
  readonly reason: string;
  readonly duration_ms: number;
  readonly idempotency_key: string;
  readonly object_id: string;
  readonly called_at: Date;
};

function toRequestLog({ duration_ms, idempotency_key, object_id, called_at, ...row }: Row) {
  return {
    ...row,
    durationMs: duration_ms,
    idempotencyKey: idempotency_key,
    objectId: object_id,
    atMs: called_at.getTime(),
  };
}
