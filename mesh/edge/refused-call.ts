import { Code, type ConnectError } from "@connectrpc/connect";
import { shownKey } from "../call-key.ts";
import type { CallRecord } from "../call-record.ts";
import { reasonOf } from "../errors.ts";

/** What is known of a call that was refused before anybody asked who calls. */
type Refused = {
  /** The method, or a verb and a path. */
  readonly method: string;
  readonly error: ConnectError;
  readonly ip: string;
  /** When it came, by performance.now(). */
  readonly startMs: number;
  /** The header Idempotency-Key. */
  readonly key?: string | readonly string[] | undefined;
};

/** Records a call that was refused before anybody asked who calls. */
export function refusedCall({ method, error, ip, startMs, key = "" }: Refused): CallRecord {
  const durationMs = Math.round(performance.now() - startMs);
  return {
    method,
    principal: "public",
    peer: "",
    ip,
    code: Code[error.code],
    reason: reasonOf(error) ?? "",
    durationMs,
    atMs: Date.now() - durationMs,
    idempotencyKey: shownKey(String(key)),
    objectId: "",
  };
}
