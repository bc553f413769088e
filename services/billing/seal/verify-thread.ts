import { parentPort, workerData } from "node:worker_threads";
import { openConnection } from "#mesh/database/connection.ts";
import { verifyChain } from "./verify-chain.ts";
import type { ToVerify } from "./verify-in-thread.ts";

// The thread of verifyInThread: it says what it has found, and ends.
const port = parentPort!;
const { url, shard, keys } = workerData as ToVerify;
await using connection = await openConnection({ url, name: "ledger verify" });
const verdict = await verifyChain({ connection, shard, keys });
// eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
port.postMessage(verdict);
