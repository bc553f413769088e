import { join } from "node:path";
import { createSigner } from "#mesh/tokens.ts";
import type { DevFile } from "../platform/dev-file.ts";

/** How ghz calls core: fields of its config file. */
export type GhzConfig = Readonly<Record<string, unknown>>;

/**
 * A config of ghz for withdrawals of 1.00 by the first merchants of a seed, each with a key of its
 * own, over gRPC with the operator's certificate. It holds for a minute, as long as the internal
 * token in it. ghz reads the tokens anew for each call, so that only some merchants take part.
 */
export async function ghzConfig(
  dev: DevFile,
  merchants: readonly { readonly token: string }[],
): Promise<GhzConfig> {
  using signer = createSigner(dev.certs, "operator");
  const tokens = merchants.slice(0, TOKENS).map(({ token }) => `\`${token}\``);
  const one = `index (list ${tokens.join(" ")}) (mod .RequestNumber ${tokens.length})`;
  return {
    host: dev.grpc["core"],
    call: "mizan.core.v1.WithdrawalService/CreateWithdrawal",
    cacert: join(dev.certs, "ca.crt"),
    cert: join(dev.certs, "operator.crt"),
    key: join(dev.certs, "operator.key"),
    metadata: {
      authorization: `Bearer {{${one}}}`,
      "idempotency-key": "{{newUUID}}",
      "x-internal-token": await signer.internalToken("core"),
    },
    data: { amount: { asset: "IRR", amount: "1.00" } },
    concurrency: 500,
    connections: 10,
    total: 10_000,
    timeout: "10s",
  };
}

const TOKENS = 20;
