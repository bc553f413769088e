import { expect, test } from "vitest";
import { uuidOf } from "#mesh/ids.ts";
import { createMarkets } from "../domain/markets.ts";
import { readMarkets } from "../store/markets.ts";
import {
  by,
  limit,
  openMarket,
  orderId,
  ownerOf,
  submit,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import { changeWork } from "./change-work.ts";
import type { OrderMeans } from "./order-means.ts";
import { createReadOrder } from "./order-reader.ts";

test("FUND-5 who ends two linked orders by the stop waits for the hold of both", async () => {
  await using db = await testExchange();
  const markets = createMarkets(await readMarkets(db.sql));
  await using writer = await testWriter(db, { markets });
  await openMarket(writer);
  const stopTerms = { type: "STOP", stopPrice: 5 } as const;
  const legs = {
    limit: limit(1, "SELL", [4, 20]),
    stop: limit(2, "SELL", [4, 0], stopTerms),
  };
  const { market, account, session, positionLots } = legs.limit;
  const common = { market, account, session, positionLots };
  await submit(writer, by("bob", limit(3, "BUY", [1, 10])));
  await submit(writer, by("bob", limit(4, "SELL", [1, 10]))); // stops need a last price
  await submit(writer, by("ann", { kind: "OCO", ...common, ...legs }));
  const waited: string[] = [];
  const funds = { freed: async (holds: readonly string[]) => void waited.push(...holds) };
  const readOrder = createReadOrder({ db, writer });
  const means = { db, markets, writer, readOrder, funds } as unknown as OrderMeans;
  const who = { accountId: uuidOf(ownerOf("ann")), session: 0 };
  const changing = {
    target: { orderId: uuidOf(orderId(2)) },
    who,
    reason: "NOT_CANCELLABLE" as const,
  };
  const command = { kind: "CANCEL" as const, market: 1, account: 0, order: orderId(2) };
  const work = changeWork(means, changing, command);
  const { order } = await work.answer(await submit(writer, work.submission));
  expect(order.reason).toBe("USER");
  expect(waited).toContain(orderId(1));
});
