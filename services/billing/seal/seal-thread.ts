import { parentPort, workerData } from "node:worker_threads";
import { keepSealing, type Sealed, type SealMessage } from "./keep-sealing.ts";

// The thread of startSealer: it seals until it is told anything, and ends.
const port = parentPort!;
const stop = new AbortController();
port.once("message", () => stop.abort());
const send = (message: SealMessage) => port.postMessage(message);
await keepSealing(workerData as Sealed, stop.signal, {
  progress: (progress) => send({ progress }),
  failed: (error) => send({ error }),
});
port.close();
