import { runEngine } from "./matching/engine-run.ts";
import { toLogs } from "./matching/logs.ts";
import { recordTape, beginning } from "./matching/tape.ts";
import { runNodejsOrderBook } from "./matching/nodejs-order-book.ts";
for (const mix of ["exchange-core", "insert-heavy"] as const) {
  const tape = recordTape({ seed: 1, users: 1000, orders: 1000, mix, price: 60000 }, 1e6);
  const logs = toLogs(tape);
  for (let i = 0; i < 4; i++) console.log(mix, runEngine(logs));
  const s = beginning(tape, 20000); console.log(runEngine(toLogs(s)), runNodejsOrderBook(s));
}
