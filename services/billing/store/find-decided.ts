import type { Connection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import type { Id } from "../domain/account.ts";
import type { BurnedId, StoredTransfer, TransferStatus } from "../domain/transfer.ts";
import { TransferCodes } from "../domain/chart.ts";
import { fromTransferRow, selectWith, type TransferRow } from "./transfer-row.ts";

/** What the store knows about some ids, and the database's time in microseconds since 1970. */
export type Decided = {
  readonly nowUs: number;
  readonly transfers: readonly StoredTransfer[];
  readonly failed: readonly BurnedId[];
};

/**
 * Finds what became of transfer ids, in one round trip (WR-3). Unknown ids are left out. Captures
 * come with what was refunded of them.
 */
export async function findDecided(connection: Connection, ids: readonly Id[]): Promise<Decided> {
  const rows = await connection.query<ClockRow & (DecidedRow | { seq: null })>(
    `select clock.*, found.* from (
        select ledger_now_us() as now_us, (
          select jsonb_object_agg(id, status) from transfer_failed where id = any ($1::uuid[])
        ) as failed
      ) clock left join (${selectDecided} where t.id = any ($1::uuid[])) found on true`,
    [`{${ids.join()}}`],
  );
  const { now_us: nowUs, failed } = rows[0]!;
  return {
    nowUs,
    transfers: rows.filter((row) => row.seq !== null).map((row) => toDecided(row)),
    failed: Object.entries(failed ?? {}).map(([id, status]) => ({ id: hexOf(id), status })),
  };
}

type DecidedRow = TransferRow & { refunded: bigint | null };

/** Refunds and captures have the hold as their user_data, and 3 is the kind of captures. */
const selectDecided = selectWith(`case when t.kind = 3 then (
    select sum(refund.amount) from transfer refund
      where refund.code = ${TransferCodes.SMS_REFUND} and refund.user_data = t.user_data
  ) end as refunded`);

function toDecided({ refunded, ...row }: DecidedRow): StoredTransfer {
  const transfer = fromTransferRow(row);
  if (refunded !== null) transfer.refunded = refunded;
  return transfer;
}

type ClockRow = { now_us: number; failed: Record<string, TransferStatus> | null };
