import { runWorker } from "#mesh/worker.ts";
import { smsWorker } from "./start-worker.ts";

await runWorker(smsWorker);
