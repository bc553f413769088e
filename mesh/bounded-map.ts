/** A map that forgets what was set longest ago when it is full. */
export function boundedMap<K, V>(max: number) {
  const entries = new Map<K, V>();
  return {
    get: (key: K): V | undefined => entries.get(key),
    set: (key: K, value: V): void => {
      const isNew = !entries.delete(key);
      if (isNew && entries.size >= max) entries.delete(entries.keys().next().value as K);
      entries.set(key, value);
    },
    delete: (key: K): boolean => entries.delete(key),
    clear: (): void => entries.clear(),
    size: (): number => entries.size,
  };
}
