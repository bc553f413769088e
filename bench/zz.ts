import { runEngine } from "./matching/engine-run.ts";
import { toLogs } from "./matching/logs.ts";
import { recordTape } from "./matching/tape.ts";
for (const mix of ["exchange-core", "insert-heavy"] as const) {
  const logs = toLogs(recordTape({ seed: 1, users: 1000, orders: 1000, mix, price: 60000 }, 1e6));
  for (let i = 0; i < 4; i++) console.log(mix, runEngine(logs));
}
