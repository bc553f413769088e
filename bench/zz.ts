import { bench } from "./orders.ts";
import { print } from "./report.ts";
print(await bench({ rounds: 1, ms: 1500 }));
