import { temporaryStack } from "../../scripts/platform/temporary-stack.ts";
import { allBanks } from "../../scripts/platform/all-banks.ts";
import { makeOrders } from "./orders.ts";
import { peopleOf } from "./people.ts";
import type { Scene } from "./play-fault.ts";

/** Boots a stack of its own that heeds orders, with a full pool and merchants who may withdraw. */
export async function openScene(
  say: (text: string) => void,
): Promise<Scene & AsyncDisposable & { keep(): void }> {
  await using cleanup = new AsyncDisposableStack();
  const orders = cleanup.use(makeOrders());
  const temporary = cleanup.use(
    await temporaryStack({ say, env: { MIZAN_FAILPOINTS: orders.folder } }),
  );
  const stack = temporary.current();
  const dev = stack.describe();
  const people = peopleOf(dev);
  await people.fillPool("1000000.00");
  const joining = Array.from({ length: MERCHANTS }, async () => people.merchant("100000.00"));
  const merchants = await Promise.all(joining);
  const opened = cleanup.move();
  return {
    stack,
    people,
    bank: allBanks(dev),
    orders,
    merchants,
    keep: () => {
      temporary.keep();
      say(`The logs and databases stay in ${stack.home}.`);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Enough that some withdrawals share a batch and others don't. */
const MERCHANTS = 4;
