import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { DescMethod, DescService } from "@bufbuild/protobuf";

const folder = join(import.meta.dirname, "../../gen/mizan");

/** All methods of all services of the contract, as they are generated. */
export async function contractMethods(): Promise<DescMethod[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const services = await Promise.all(
    files.filter((file) => file.endsWith("_service_pb.ts")).map(servicesOf),
  );
  return services.flat().flatMap(({ methods }) => methods);
}

async function servicesOf(file: string): Promise<DescService[]> {
  const found = (await import(join(folder, file))) as Record<string, unknown>;
  return Object.values(found).filter(isService);
}

function isService(value: unknown): value is DescService {
  return (value as { kind?: unknown } | null)?.kind === "service";
}

/** The name of the service that runs a method, such as "billing". */
export function runnerOf({ parent }: DescMethod): string {
  return parent.typeName.split(".")[1]!; // mizan.billing.v1.HoldService
}
