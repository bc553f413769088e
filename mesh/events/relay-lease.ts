import type { Connection } from "../database/connection.ts";
import { RELAY_LEASE_MS } from "../limits.ts";

/** The right to be the one relay of a stream (O3). The chain of publishes fences a stale owner. */
export type RelayLease = {
  /** Whether we are the owner; takes the lease when it is free and renews it in time. */
  readonly held: () => Promise<boolean>;
  /** Lets another relay have it at once. */
  readonly release: () => Promise<void>;
};

/** Competes for the relay of a stream, by the database's time (L16). */
export function relayLease(connection: Connection, stream: string, owner: string): RelayLease {
  const name = `relay/${stream}`;
  let askAgainMs = 0;
  let mine = false;
  const held = async (): Promise<boolean> => {
    const nowMs = performance.now();
    if (nowMs < askAgainMs) return mine;
    mine = (await connection.query(take, [name, owner, RELAY_LEASE_MS])).length > 0;
    askAgainMs = nowMs + RELAY_LEASE_MS / 5;
    return mine;
  };
  const release = async () => {
    askAgainMs = 0;
    if (mine) await connection.query(free, [name, owner]);
  };
  return { held, release };
}

const take = `insert into lease (name, owner, token, expires_at)
  values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
  on conflict (name) do update
  set owner = excluded.owner, expires_at = excluded.expires_at,
    token = lease.token + (lease.owner <> excluded.owner)::int
  where lease.owner = excluded.owner or lease.expires_at < clock_timestamp()
  returning token`;
const free = "update lease set expires_at = clock_timestamp() where name = $1 and owner = $2";
