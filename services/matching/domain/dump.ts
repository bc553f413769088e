import { strict as assert } from "node:assert";
import { type Archive, Loader, Saver } from "./archive.ts";
import { Market } from "./market.ts";
import { Shard } from "./shard.ts";

/** Copies all state into chunks of bytes. */
export function dump(shard: Shard): Uint8Array[] {
  const saver = new Saver();
  archive(shard, saver);
  saver.flush();
  return saver.chunks;
}

/** Makes the state that the chunks are a dump of; throws when they are none. */
export function load(chunks: readonly Uint8Array[]): Shard {
  const shard = new Shard();
  const loader = new Loader(chunks);
  archive(shard, loader);
  assert(loader.isAtEnd(), "a dump ends with the state");
  return shard;
}

/** What the tables of orders and their indexes take of memory, in bytes. */
export function byteLengthOf(shard: Shard): number {
  const rows = [shard.orders, shard.extras, shard.levels, shard.nodes, shard.keys.rows];
  const indexes = [shard.ids, shard.keys.byKey, shard.keys.byOrder, shard.positions.index];
  const blocks = [
    ...[...rows, shard.positions.rows, shard.accounts.rows].map(({ words }) => words),
    ...[...indexes, shard.accounts.byOwner].map(({ cells }) => cells),
    shard.expiries.heap,
  ];
  return blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function archive(shard: Shard, to: Archive): void {
  assert(to.number(FORMAT) === FORMAT, "a dump has this format");
  shard.setTime(to.number(shard.atMs));
  shard.waitingStops = to.number(shard.waitingStops);
  for (const rows of [shard.orders, shard.extras, shard.levels, shard.nodes]) rows.archive(to);
  shard.ids.archive(to);
  shard.accounts.archive(to);
  shard.positions.archive(to);
  shard.keys.archive(to);
  shard.expiries.archive(to);
  shard.tiers.archive(to);
  const markets = to.number(shard.markets.length);
  for (let number = 1; number < markets; number++) {
    const market = shard.markets[number] ?? new Market(number, shard);
    shard.markets[number] = market;
    market.archive(to);
  }
}

const FORMAT = 1;
