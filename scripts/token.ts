import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSigner } from "#mesh/tokens.ts";
import { homeFolder } from "./platform/dev-file.ts";
import { identities } from "./platform/services.ts";

// Prints an internal token for tools such as grpcurl: npm run token -- --as core --to billing
// It lives a minute and goes with the certificate of the same name. Development only: production
// has no folder with everybody's keys.

const options = { as: { type: "string" }, to: { type: "string" } } as const;

try {
  const { as, to } = parseArgs({ options }).values;
  const certs = join(homeFolder(), "certs");
  const names = `It is one of ${identities.join(", ")}.`;
  if (!identities.includes(as ?? "")) throw new Error(`--as names who calls. ${names}`);
  if (!identities.includes(to ?? "")) throw new Error(`--to names who is called. ${names}`);
  if (!existsSync(certs))
    throw new Error(`There are no keys in ${certs} yet; npm start makes them.`);
  using signer = createSigner(certs, as!);
  console.log(await signer.internalToken(to!));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
