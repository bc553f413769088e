import { runService } from "#mesh/service.ts";
import { service } from "./service.ts";

await runService(service);
