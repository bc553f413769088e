import { Accounts } from "./accounts.ts";
import { ClientKeys } from "./client-keys.ts";
import { CommandRecord } from "./command-record.ts";
import { EventLog } from "./event-log.ts";
import { Expiries } from "./expiries.ts";
import { EXTRA_WORDS } from "./extras.ts";
import { ID } from "./facts.ts";
import { IdIndex } from "./id-index.ts";
import { LEVEL_WORDS } from "./levels.ts";
import type { Market } from "./market.ts";
import { ORDER_WORDS } from "./orders.ts";
import { Positions } from "./positions.ts";
import { NODE_WORDS } from "./price-tree.ts";
import { Rows } from "./rows.ts";
import { Tiers } from "./tiers.ts";

/** All that the engine of a shard knows. */
export class Shard {
  readonly orders: Rows = new Rows(ORDER_WORDS);
  readonly extras: Rows = new Rows(EXTRA_WORDS);
  readonly levels: Rows = new Rows(LEVEL_WORDS);
  readonly nodes: Rows = new Rows(NODE_WORDS);
  /** The live orders by id. */
  readonly ids: IdIndex = new IdIndex(this.orders, ID);
  readonly accounts: Accounts = new Accounts(this.orders);
  readonly positions: Positions = new Positions();
  readonly keys: ClientKeys = new ClientKeys();
  readonly expiries: Expiries = new Expiries(this.orders, this.extras);
  readonly tiers: Tiers = new Tiers();
  /** By number; 0 is none. */
  readonly markets: (Market | undefined)[] = [undefined];
  waitingStops = 0;
  /** The time of the command. */
  atMs = 0;
  second = 0;
  /** Where the command's events go. */
  events: EventLog = new EventLog();
  /** The stop leg of an OCO, as an order of its own. */
  readonly leg: CommandRecord = new CommandRecord();
  /** What an order that is amended is to be. */
  readonly wanted: CommandRecord = new CommandRecord();

  /** Sets the time of the next command. */
  setTime(atMs: number): void {
    if (atMs === this.atMs) return;
    this.atMs = atMs;
    this.second = Math.floor(atMs / 1000);
  }
}
