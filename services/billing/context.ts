import type { HandlerContext } from "@connectrpc/connect";
import type { Database } from "#mesh/database/connect.ts";
import type { Feed } from "#mesh/events/feed.ts";
import type { TokenKey } from "#mesh/token-keys.ts";
import type { Signer } from "#mesh/tokens.ts";
import type { Assets } from "./domain/asset.ts";
import type { FourEyes } from "./domain/four-eyes.ts";
import type { Tables } from "./store/tables.ts";
import type { Writer } from "./writer/writer.ts";

/** What the operations of billing need. */
export type Billing = {
  /** For reads of what is committed. All that decides or moves money goes through the writer. */
  readonly db: Database<Tables>;
  readonly writer: Writer;
  /** What is counted; it grows as assets are committed. */
  readonly assets: Assets;
  readonly fourEyes: FourEyes;
  /** The events of the ledger. */
  readonly feed: Feed;
  readonly chain: ChainKeys;
};

/** The shard whose transfers are sealed in a hash chain, and what signs and proves its heads. */
export type ChainKeys = {
  readonly shard: number;
  readonly sign: Signer["sign"];
  /** The public keys that are in use; throws when they can't be read. */
  readonly keys: () => readonly TokenKey[];
};

/** What some operations see of a call: who calls, and under which key. */
export type Call = Pick<HandlerContext, "values">;
