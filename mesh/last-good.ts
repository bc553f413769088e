import { RELOAD_MS } from "./limits.ts";

/** A value that is read again from time to time; a bad read leaves the last good one (G18). */
export type LastGood<T> = Disposable & {
  readonly current: () => T;
  /** Reads at once; false when the read was bad. */
  readonly reload: () => boolean;
  /** Tells of each new value, until the result is disposed. */
  readonly onChange: (listener: (value: T) => void) => Disposable;
};

/** How a value is read and compared, and who hears of a bad read. */
export type Source<T> = {
  /** Throws on what can't be used. */
  readonly read: () => T;
  readonly equal: (one: T, other: T) => boolean;
  /** Hears of every bad read but the first, which throws. */
  readonly onBad: (reason: unknown) => void;
  readonly everyMs?: number;
};

/** Reads a value now, or throws, and again and again. */
export function lastGood<T>({ read, equal, onBad, everyMs = RELOAD_MS }: Source<T>): LastGood<T> {
  let value = read();
  const listeners = new Set<(value: T) => void>();
  const reload = () => {
    try {
      const next = read();
      if (equal(value, next)) return true;
      value = next;
      for (const listener of listeners) listener(value);
      return true;
    } catch (reason) {
      onBad(reason);
      return false;
    }
  };
  const timer = setInterval(reload, everyMs).unref();
  return {
    current: () => value,
    reload,
    onChange: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
