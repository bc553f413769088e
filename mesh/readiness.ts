import { READY_CHECK_MS } from "./limits.ts";
import { mask } from "./mask.ts";

/** Whether a process can serve, and why not. It begins as "starting". */
export type Readiness = {
  /** Adds something that has to work; what it throws, or its silence for a second, is the reason. */
  readonly check: (name: string, run: Check) => void;
  /** Says that the start is done. */
  readonly serving: () => void;
  /** Says that the process stops; it never becomes ready again (§4.4). */
  readonly draining: () => void;
  readonly phase: () => Phase;
  /** Runs every check. */
  readonly look: () => Promise<Verdict>;
};

type Check = (signal: AbortSignal) => Promise<void> | void;
type Phase = "starting" | "serving" | "draining";

/** The outcome of the checks by name: "ok", or the reason why not. */
type Verdict = {
  readonly ready: boolean;
  readonly phase: Phase;
  readonly checks: Readonly<Record<string, string>>;
};

/** Makes the readiness of a process. */
export function createReadiness(timeoutMs: number = READY_CHECK_MS): Readiness {
  const known = new Map<string, Check>();
  let phase: Phase = "starting";
  const look = async (): Promise<Verdict> => {
    const outcomes = [...known].map(async ([name, run]) => [name, await outcomeOf(run, timeoutMs)]);
    const checks = Object.fromEntries(await Promise.all(outcomes)) as Record<string, string>;
    const sound = Object.values(checks).every((outcome) => outcome === "ok");
    return { ready: sound && phase === "serving", phase, checks };
  };
  return {
    check: (name, run) => void known.set(name, run),
    serving: () => void (phase = phase === "draining" ? phase : "serving"),
    draining: () => void (phase = "draining"),
    phase: () => phase,
    look,
  };
}

async function outcomeOf(run: Check, timeoutMs: number): Promise<string> {
  const late = AbortSignal.timeout(timeoutMs);
  const silence = new Promise<string>((resolve) => {
    late.addEventListener("abort", () => resolve(`no answer within ${timeoutMs} ms`));
  });
  return Promise.race([silence, attempt(run, late)]);
}

async function attempt(run: Check, signal: AbortSignal): Promise<string> {
  try {
    await run(signal);
    return "ok";
  } catch (error) {
    return mask(error instanceof Error ? error.message || error.name : String(error));
  }
}
