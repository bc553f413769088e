import type { HandlerContext } from "@connectrpc/connect";
import type { Database } from "#mesh/database/connect.ts";
import type { Feed } from "#mesh/events/feed.ts";
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
};

/** What some operations see of a call: who calls, and under which key. */
export type Call = Pick<HandlerContext, "values">;
