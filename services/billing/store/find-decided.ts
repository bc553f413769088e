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
 * Finds what became of transfer ids (WR-3); in one round trip, when no transfer has any of them.
 * Unknown ids are left out. Captures come with what was refunded of them.
 */
export async function findDecided(connection: Connection, ids: readonly Id[]): Promise<Decided> {
  const [found] = await connection.query<FoundRow>(
    `select ledger_now_us() as now_us,
      (select array_agg(at_us)::text from transfer_id where id = any ($1::uuid[])) as ats_us,
      (select jsonb_object_agg(id, status) from transfer_failed where id = any ($1::uuid[]))
        as failed`,
    [`{${ids.join()}}`],
  );
  const { now_us: nowUs, ats_us: atsUs, failed } = found!;
  const rows = atsUs === null ? [] : await connection.query<DecidedRow>(selectDecided, [atsUs]);
  return {
    nowUs,
    transfers: rows.map(toDecided),
    failed: Object.entries(failed ?? {}).map(([id, status]) => ({ id: hexOf(id), status })),
  };
}

/** The times of the transfers as an array of PostgreSQL; null when there are none. */
type FoundRow = {
  now_us: number;
  ats_us: string | null;
  failed: Record<string, TransferStatus> | null;
};

type DecidedRow = TransferRow & { refunded: bigint | null };

/**
 * Refunds and captures have the hold as their user_data, and 3 is the kind of captures. So have the
 * mirrors of refunds, which give nothing back and leave no more to refund (EXT-3). What came back of
 * a withdrawal is counted at the capture of its money and at that of its credit.
 */
const refundsWith = (code: number) => `(
    select sum(refund.amount) from transfer refund
      where refund.code = ${code} and refund.user_data = t.user_data
        and refund.ledger = t.ledger
        and refund.at_us > t.at_us and refund.reverts_at_us is null
  )`;
const refundedSum = `case
    when t.kind <> 3 then null
    when t.code = ${TransferCodes.SMS} then ${refundsWith(TransferCodes.SMS_REFUND)}
    when t.code = ${TransferCodes.MERCHANT_WITHDRAWAL}
      then ${refundsWith(TransferCodes.MERCHANT_RETURN)}
  end as refunded`;
const selectDecided = `${selectWith(refundedSum)} where t.at_us = any ($1::bigint[])`;

function toDecided({ refunded, ...row }: DecidedRow): StoredTransfer {
  const transfer = fromTransferRow(row);
  if (refunded !== null) transfer.refunded = refunded;
  return transfer;
}
