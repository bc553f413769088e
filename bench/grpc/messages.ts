import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  CreateTransfersRequestSchema,
  CreateTransfersResponseSchema,
} from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { TransferStatus } from "#gen/mizan/billing/v1/transfer_pb.ts";
import {
  ListBalancesRequestSchema,
  ListBalancesResponseSchema,
  type WalletService,
} from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { newId } from "#mesh/ids.ts";
import type { BatchService } from "./batch-service.ts";

/** How many transfers a batch of the stream has. */
export const BATCH_SIZE = 100;

/** What is asked in every unary call. */
export const question = create(ListBalancesRequestSchema, { ownerId: newId() });

const amount = (text: string) => ({ asset: "USDT", amount: text });

/** What is answered to it. */
export const answer = create(ListBalancesResponseSchema, {
  balances: [
    { available: amount("97.500000"), held: amount("2.500000"), total: amount("100.000000") },
  ],
});

/** What is sent in every message of a stream. */
export const transferBatch = create(CreateTransfersRequestSchema, {
  requestId: "bench",
  transfers: Array.from({ length: BATCH_SIZE }, () => ({
    id: randomBytes(16),
    debitAccountId: randomBytes(16),
    creditAccountId: randomBytes(16),
    asset: "USDT",
    amount: "12.50",
    code: 1,
  })),
});

/** What is answered to each. */
export const resultBatch = create(CreateTransfersResponseSchema, {
  results: transferBatch.transfers.map(({ id, debitAccountId, creditAccountId }, index) => ({
    index,
    status: TransferStatus.CREATED,
    transfer: { id, debitAccountId, creditAccountId, asset: "USDT", amount: "12.500000" },
  })),
});

/** Answers unary calls, and does nothing else. */
export const wallets: Partial<ServiceImpl<typeof WalletService>> = { listBalances: () => answer };

/** Answers every batch of a stream as soon as it has come. */
export const streams: ServiceImpl<typeof BatchService> = {
  async *stream(batches) {
    for await (const batch of batches) if (batch.transfers.length > 0) yield resultBatch;
  },
};
