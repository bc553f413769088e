import type { DescService } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { AssetService } from "#gen/mizan/billing/v1/asset_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import type { Role } from "#mesh/person.ts";
import { createSigner } from "#mesh/tokens.ts";
import { startBoth } from "./start-both.ts";

/**
 * Serves matching as a whole, on both wires, with a real database, broker and billing. People are
 * UUIDs; their money comes from `charge`.
 */
export async function serveMatching() {
  await using stack = new AsyncDisposableStack();
  const both = stack.use(await startBoth());
  const { folder, billing, matching, inside } = both;
  const signer = stack.use(createSigner(folder, "core"));
  const tokenOf = async (id: string, ...roles: Role[]) =>
    signer.accessToken({ id, roles, verificationLevel: 0 }, 600);
  const as = async (id: string, ...roles: Role[]): Promise<CallOptions> => {
    return { headers: { authorization: `Bearer ${await tokenOf(id, ...roles)}` } };
  };
  const money = moneyOf({ billing: billing.httpPort, core: inside("core"), as });
  const open = stack.move();
  return {
    ...money,
    db: both.db,
    log: both.log,
    http: `http://127.0.0.1:${matching.httpPort}`,
    /** The access token of a person. */
    tokenOf,
    /** What a person proves who it is with. */
    as,
    /** The clients of everybody outside, over HTTP. */
    outside: <S extends DescService>(service: S) => outside(service, matching.httpPort),
    /** The clients of a service, or of the operator, over gRPC. */
    inside,
    [Symbol.asyncDispose]: async () => open.disposeAsync(),
  };
}

export type ServedMatching = Awaited<ReturnType<typeof serveMatching>>;

function outside<S extends DescService>(service: S, port: number): Client<S> {
  const baseUrl = `http://127.0.0.1:${port}`;
  return createClient(service, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
}

type Means = {
  /** The port of billing. */
  readonly billing: number;
  readonly core: { readonly of: <S extends DescService>(service: S) => Client<S> };
  readonly as: (id: string, ...roles: Role[]) => Promise<CallOptions>;
};

/** What a test does with money. */
function moneyOf({ billing, core, as }: Means) {
  const admin = newId();
  const [assets, wallets] = [outside(AssetService, billing), outside(WalletService, billing)];
  const [ledger, balances] = [core.of(LedgerService), core.of(WalletService)];
  return {
    /** Has billing count an asset. */
    asset: async (code: string, scale: number) =>
      void (await assets.createAsset(
        { requestId: newId(), code, scale },
        await as(admin, "ADMIN"),
      )),
    /** Opens the account of a person, and puts money on it. */
    charge: async (userId: string, ...given: readonly (readonly [string, string])[]) => {
      const id = bytesOf(derivedId(`account/user/${userId}/available/IRR`));
      const account = { id, asset: "IRR", code: 100, flags: 2, userData: bytesOf(hexOf(userId)) };
      await ledger.createAccounts({ requestId: newId(), accounts: [account] });
      for (const [asset, amount] of given) {
        const charge = { requestId: newId(), userId, amount: { asset, amount }, reference: "test" };
        await wallets.chargeAccount(charge, await as(admin, "ADMIN"));
      }
    },
    /** What a person has of an asset: free, and in orders. */
    balance: async (userId: string, asset: string): Promise<readonly [string, string]> => {
      const { balances: all } = await balances.listBalances({ ownerId: userId });
      const found = all.find(({ total }) => total?.asset === asset);
      return [found?.available?.amount ?? "0", found?.held?.amount ?? "0"];
    },
  };
}
