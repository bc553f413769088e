import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "#mesh/database/connection.ts";
import { SEAL_EVERY_MS, SEAL_RETRY_MS } from "#mesh/limits.ts";
import { type Chain, emptyChain } from "../domain/chain.ts";
import { findCommittedSeq, findLastSeal } from "../store/seals.ts";
import { SealedElsewhere, SealError, sealPass } from "./seal-pass.ts";

/** Which shard is sealed, and where it is. */
export type Sealed = { readonly url: string; readonly shard: number };

/** How far the sealing is. */
export type Progress = {
  /** The number of the last transfer that is sealed. */
  readonly seq: number;
  /** How many transfers were committed by the start of the pass that are not sealed yet. */
  readonly behind: number;
  /** How long ago the pass began, in milliseconds. */
  readonly sinceMs: number;
};

/** What the thread that seals tells. */
export type SealMessage = { readonly progress: Progress } | { readonly error: Error };

/** Whom the sealing tells. */
export type Listener = {
  readonly progress: (progress: Progress) => void;
  readonly failed: (error: Error) => void;
};

/**
 * Seals what is committed, over and over, until it is told to stop; then what was committed by that
 * time is sealed as well. What fails is tried again.
 */
export async function keepSealing(
  shard: Sealed,
  stop: AbortSignal,
  listener: Listener,
): Promise<void> {
  const known = { chain: emptyChain };
  for (;;) {
    try {
      await sealOn(shard, stop, { ...listener, known });
      return;
    } catch (error) {
      if (!(error instanceof SealedElsewhere)) listener.failed(error as Error);
      if (stop.aborted) return;
    }
    await pause(SEAL_RETRY_MS, stop);
  }
}

type Sealer = Listener & {
  /** Where the chain was when we last knew. */
  readonly known: { chain: Chain };
};

async function sealOn({ url, shard }: Sealed, stop: AbortSignal, sealer: Sealer) {
  const { known, progress, failed } = sealer;
  await using connection = await openConnection({ url, name: "ledger seal" });
  let chain = (await findLastSeal(connection, shard)) ?? emptyChain;
  if (isChanged(known.chain, chain)) {
    failed(new SealError(`the seals up to ${known.chain.seq} were changed or taken away`));
  }
  for (;;) {
    const isLast = stop.aborted;
    const startMs = performance.now();
    const goal = await findCommittedSeq(connection, shard);
    const tell = (sealed: Chain) => {
      const { seq } = sealed;
      known.chain = sealed;
      const behind = Math.max(0, goal - seq);
      progress({ seq, behind, sinceMs: performance.now() - startMs });
    };
    chain = await sealPass({ connection, shard, chain }, tell);
    tell(chain);
    if (isLast) return;
    await pause(SEAL_EVERY_MS, stop);
  }
}

/** A chain that we know only ever goes on. */
function isChanged(known: Chain, found: Chain): boolean {
  return found.seq < known.seq || (found.seq === known.seq && found.hash !== known.hash);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
