import type { Connection } from "#mesh/database/connection.ts";
import type { OutboxRow } from "#mesh/events/outbox.ts";
import type { Approval, ApprovalState, Decision } from "../domain/approval.ts";
import { type Asset, type Assets, createAssets } from "../domain/asset.ts";
import { TransferCodes } from "../domain/chart.ts";
import { isTopUp } from "../domain/movement.ts";
import type { StoredTransfer } from "../domain/transfer.ts";
import { loadPendingApprovals, type MovementNote } from "../store/approvals.ts";
import { loadAssets } from "../store/assets.ts";
import { sumTopUps } from "../store/pool.ts";

/**
 * What the writer keeps beside the accounts and transfers: the assets, what administrators have
 * asked for and done by hand, and what the pool has got. It changes in the writer's turns alone.
 */
export type Register = {
  /** All that is counted from this turn on; others see it once it is committed. */
  readonly assets: Assets;
  /** What was put into the pool and not reverted, in minor units (FLOW-8). */
  readonly toppedUpMinor: bigint;
  /** Begins to count an asset of a new code; returns it with its ledger. */
  count(asset: Omit<Asset, "ledger">): Asset;
  /** An approval that nobody has decided about yet. */
  pendingApproval(id: string): Approval | undefined;
  /** Keeps what was asked for. */
  ask(approval: Approval): void;
  /** Keeps a decision about a pending approval, which ends it; returns it as it is now. */
  decide(id: string, state: Exclude<ApprovalState, "pending">, decision: Decision): Approval;
  /** Keeps who has moved money that was moved just now (S10). */
  note(movement: MovementNote): void;
  /** Takes a transfer that is reverted just now out of what was put into the pool. */
  unnote(reverted: Pick<StoredTransfer, "code" | "amount">): void;
  /** Has the commit tell of something by the outbox. */
  tell(event: OutboxRow): void;
  /** What is new since the last take; the next commit stores it. */
  take(): RegisterChanges;
};

/** What a commit stores of the register. */
type RegisterChanges = {
  readonly assets: readonly Asset[];
  readonly approvals: readonly Approval[];
  readonly decisions: readonly Approval[];
  readonly movements: readonly MovementNote[];
  readonly events: readonly OutboxRow[];
};

/** Reads what is committed. Nobody else may write meanwhile. */
export async function loadRegister(connection: Connection): Promise<Register> {
  const [assets, pending, toppedUp] = await Promise.all([
    loadAssets(connection),
    loadPendingApprovals(connection),
    sumTopUps(connection),
  ]);
  return createRegister(assets, pending, toppedUp);
}

function createRegister(
  known: readonly Asset[],
  asked: readonly Approval[],
  toppedUp: bigint,
): Register {
  const assets = createAssets(known);
  const pending = new Map(asked.map((approval) => [approval.id, approval]));
  let toppedUpMinor = toppedUp;
  let changes = noChanges();
  return {
    assets,
    get toppedUpMinor() {
      return toppedUpMinor;
    },
    count(wanted) {
      const asset = { ...wanted, ledger: Math.max(0, ...assets.ledgers) + 1 };
      assets.learn([asset]);
      changes.assets.push(asset);
      return asset;
    },
    pendingApproval: (id) => pending.get(id),
    ask(approval) {
      pending.set(approval.id, approval);
      changes.approvals.push(approval);
    },
    decide(id, state, decision) {
      const decided: Approval = { ...pending.get(id)!, state, decision };
      pending.delete(id);
      changes.decisions.push(decided);
      return decided;
    },
    note(note) {
      if (isTopUp(note.movement)) toppedUpMinor += note.movement.amount;
      changes.movements.push(note);
    },
    unnote({ code, amount }) {
      if (code === TransferCodes.POOL_TOPUP) toppedUpMinor -= amount;
    },
    tell: (event) => void changes.events.push(event),
    take() {
      const taken = changes;
      changes = noChanges();
      return taken;
    },
  };
}

function noChanges() {
  const changes: { [List in keyof RegisterChanges]: RegisterChanges[List][number][] } = {
    assets: [],
    approvals: [],
    decisions: [],
    movements: [],
    events: [],
  };
  return changes;
}
