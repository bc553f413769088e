/** What a hash of a password was made with, and the hash itself. */
export type PasswordHash = PasswordCost & {
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
};

/** What one argon2id hash costs. */
export type PasswordCost = {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
};

/** Writes a hash in the PHC string format, the one that other argon2 programs read too. */
export function toPhc({ memoryKib, passes, parallelism, salt, tag }: PasswordHash): string {
  const cost = `m=${memoryKib},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${cost}$${toBase64(salt)}$${toBase64(tag)}`;
}

/** Reads a hash in the PHC string format; throws when it is none of argon2id. */
export function fromPhc(text: string): PasswordHash {
  const match = phc.exec(text);
  if (match === null) throw new Error("the stored hash of a password is not one of argon2id");
  const [memoryKib, passes, parallelism] = match.slice(1, 4).map(Number);
  const [salt, tag] = match.slice(4).map((part) => Uint8Array.fromBase64(part));
  return {
    memoryKib: memoryKib!,
    passes: passes!,
    parallelism: parallelism!,
    salt: salt!,
    tag: tag!,
  };
}

const phc =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function toBase64(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true });
}
