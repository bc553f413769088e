/** Does works about one thing one after the other, each as if it were alone. */
export type Serially = <T>(about: string, work: () => Promise<T>) => Promise<T>;

/** Makes the function; what nobody works on takes no memory. */
export function createSerially(): Serially {
  const last = new Map<string, Promise<unknown>>();
  return async (about, work) => {
    const before = last.get(about);
    const mine = before === undefined ? work() : before.then(work, work);
    last.set(about, mine);
    try {
      return await mine;
    } finally {
      if (last.get(about) === mine) last.delete(about);
    }
  };
}
