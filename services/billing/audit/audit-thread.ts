import { parentPort, workerData } from "node:worker_threads";
import { type Audited, keepAuditing } from "./keep-auditing.ts";

// The thread of the audit job: it audits until it is told anything, and ends.
const port = parentPort!;
const stop = new AbortController();
port.once("message", () => stop.abort());
try {
  await keepAuditing(workerData as Audited, stop.signal, (message) => port.postMessage(message));
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
port.close();
