import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import { MAX_MONITORS } from "#mesh/limits.ts";
import { toMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import type { Assets } from "../domain/asset.ts";
import type { Ledger } from "../domain/ledger.ts";
import { isBeyond, type Monitor, type MonitorView } from "../domain/monitor.ts";
import { fail } from "../errors.ts";
import { once } from "../writer/once.ts";
import type { Turn } from "../writer/work.ts";
import type { Answer } from "./move-by-hand.ts";

/** A balance to watch. */
export type Watch = Pick<Monitor, "field" | "direction" | "name"> & {
  readonly accountId: Id;
  /** In major units; may be less than zero. */
  readonly bound: string;
};

/**
 * Watches a balance from now on (EXT-6): each commit that takes it across the bound publishes
 * BalanceCrossed. Throws ACCOUNT_NOT_FOUND, INVALID_AMOUNT and TOO_MANY_MONITORS.
 */
export async function createMonitor<S extends DescMessage>(
  { writer }: Pick<Billing, "writer">,
  watch: Watch,
  { call, schema, toMessage, ...bounds }: Answer<S, MonitorView>,
): Promise<MessageShape<S>> {
  const { principal, method, key } = call;
  const id = uuidOf(derivedId(`monitor/${principal}/${method}/${key}`));
  const effect = ({ ledger, register, monitors, atUs }: Turn) => {
    const { account, boundMinor } = read(watch, ledger, register.assets);
    if (monitors.count >= MAX_MONITORS) throw fail("TOO_MANY_MONITORS", { most: MAX_MONITORS });
    const { field, direction, name } = watch;
    const wanted = { field, direction, boundMinor };
    const beyond = isBeyond(wanted, account);
    const { slot } = account;
    const monitor: Monitor = { id, slot, ...wanted, name, createdAtUs: atUs, isBeyond: beyond };
    monitors.watch(monitor);
    return toMessage({ monitor, accountId: account.id, ledger: account.ledger });
  };
  return writer.submit({ ...bounds, eventCount: 1, ...once(schema, call, effect) });
}

function read({ accountId, bound }: Watch, ledger: Ledger, assets: Assets) {
  const account = ledger.account(accountId);
  if (account === undefined) throw fail("ACCOUNT_NOT_FOUND", { account_id: accountId });
  const { scale } = assets.ofLedger(account.ledger);
  const isNegative = bound.startsWith("-");
  const minor = toMinor(isNegative ? bound.slice(1) : bound, scale);
  return { account, boundMinor: isNegative ? -minor : minor };
}
