/** Counts references, and knows the first number that each was accepted under. */
export type UidTable = {
  /** Counts a reference once more, and says how often it came by now. */
  readonly add: (uid: bigint, n: number) => number;
  readonly find: (uid: bigint) => { readonly count: number; readonly n: number } | undefined;
  readonly size: number;
  /** How many references were forgotten. */
  readonly forgotten: number;
};

/**
 * Remembers at least the last references up to a bound, in 14 bytes and a half-empty slot each.
 * When a generation is full, the one before it is forgotten as a whole.
 */
export function createUidTable(perGeneration: number): UidTable {
  let young = createGeneration(perGeneration);
  let old = createGeneration(0);
  let forgotten = 0;
  const add = (uid: bigint, n: number) => {
    const known = young.find(uid) === undefined ? old : young;
    if (known === young || known.find(uid) !== undefined) return known.add(uid, n);
    if (young.size === perGeneration) {
      forgotten += old.size;
      old = young;
      young = createGeneration(perGeneration);
    }
    return young.add(uid, n);
  };
  return {
    add,
    find: (uid) => young.find(uid) ?? old.find(uid),
    get size() {
      return young.size + old.size;
    },
    get forgotten() {
      return forgotten;
    },
  };
}

/** A table with open addresses that doubles until it holds so many; a count of 0 is a free slot. */
function createGeneration(most: number) {
  let slots = Math.min(1 << 12, slotsFor(most));
  let keys = new BigUint64Array(slots);
  let counts = new Uint16Array(slots);
  let numbers = new Uint32Array(slots);
  let size = 0;
  const slotOf = (uid: bigint) => {
    let slot = hash(uid) & (slots - 1);
    while (counts[slot] !== 0 && keys[slot] !== uid) slot = (slot + 1) & (slots - 1);
    return slot;
  };
  const grow = () => {
    const before = { keys, counts, numbers };
    slots *= 2;
    keys = new BigUint64Array(slots);
    counts = new Uint16Array(slots);
    numbers = new Uint32Array(slots);
    for (const [at, uid] of before.keys.entries()) {
      if (before.counts[at] === 0) continue;
      const slot = slotOf(uid);
      keys[slot] = uid;
      counts[slot] = before.counts[at]!;
      numbers[slot] = before.numbers[at]!;
    }
  };
  const add = (uid: bigint, n: number) => {
    const slot = slotOf(uid);
    const count = Math.min(counts[slot]! + 1, 0xffff);
    counts[slot] = count;
    if (count > 1) return count;
    keys[slot] = uid;
    numbers[slot] = n;
    size++;
    if (size * 2 > slots) grow();
    return count;
  };
  const find = (uid: bigint) => {
    const slot = slotOf(uid);
    const count = counts[slot]!;
    return count === 0 ? undefined : { count, n: numbers[slot]! };
  };
  return {
    add,
    find,
    get size() {
      return size;
    },
  };
}

function slotsFor(most: number): number {
  return 2 ** Math.ceil(Math.log2(2 * most + 2));
}

function hash(uid: bigint): number {
  const low = Number(uid & 0xffffffffn);
  const high = Number(uid >> 32n);
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
