import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { MAX_HASHES_RUNNING, MAX_HASHES_WAITING, PASSWORD_COST } from "#mesh/limits.ts";
import { createHashQueue } from "./hash-queue.ts";
import { fromPhc, type PasswordCost, type PasswordHash, toPhc } from "./phc.ts";

/** Hashes passwords, a few at a time: OVERLOADED when too many wait (S2). */
export type Passwords = {
  /** Makes the hash to store; with the same salt it is the same hash. */
  readonly hash: (password: string, options?: HashOptions) => Promise<string>;
  /**
   * Whether the password is the one of the hash. Without a hash it is wrong, after as much work,
   * so that nobody can tell unknown names by the time it takes.
   */
  readonly verify: (
    password: string,
    hash: string | undefined,
    signal?: AbortSignal,
  ) => Promise<boolean>;
  /** Whether a hash was made at another cost than passwords are hashed at now (S1). */
  readonly isOutdated: (hash: string) => boolean;
  /** How many wait to be hashed. */
  readonly waiting: () => number;
};

type HashOptions = {
  /** 16 bytes that no other password shares; random ones by default. */
  readonly salt?: Uint8Array;
  /** Aborts when the caller is gone. */
  readonly signal?: AbortSignal;
};

/** Hashes with Node's argon2id at the given cost (S1). */
export function createPasswords(cost: PasswordCost = PASSWORD_COST): Passwords {
  const queue = createHashQueue({ running: MAX_HASHES_RUNNING, waiting: MAX_HASHES_WAITING });
  const nobody: PasswordHash = { ...cost, salt: randomBytes(16), tag: randomBytes(tagBytes) };
  const tagOf = (password: string, hash: Omit<PasswordHash, "tag">, signal?: AbortSignal) =>
    queue.run(async () => derive(password, hash), signal);
  return {
    hash: async (password, { salt = randomBytes(16), signal } = {}) => {
      const tag = await tagOf(password, { ...cost, salt }, signal);
      return toPhc({ ...cost, salt, tag });
    },
    verify: async (password, text, signal) => {
      const hash = text === undefined ? nobody : fromPhc(text);
      const tag = await tagOf(password, hash, signal);
      const isSame = tag.length === hash.tag.length && timingSafeEqual(tag, hash.tag);
      return isSame && text !== undefined;
    },
    isOutdated: (text) => {
      const hash = fromPhc(text);
      return names.some((name) => hash[name] !== cost[name]);
    },
    waiting: queue.waiting,
  };
}

const names = ["memoryKib", "passes", "parallelism"] as const;
const tagBytes = 32;
const argon2Async = promisify(argon2);

/** One form for all keyboards: a letter with its accent is the same as the two typed apart. */
async function derive(password: string, { salt, memoryKib, passes, ...rest }: Cost) {
  return argon2Async("argon2id", {
    message: password.normalize("NFKC"),
    nonce: salt,
    parallelism: rest.parallelism,
    tagLength: tagBytes,
    memory: memoryKib,
    passes,
  });
}

type Cost = Omit<PasswordHash, "tag">;
