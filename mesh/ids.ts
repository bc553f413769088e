import { hash, randomUUIDv7 } from "node:crypto";

/** Makes a new UUIDv7 (RFC 9562), in its usual form with dashes. */
export function newId(): string {
  return randomUUIDv7();
}

/**
 * Derives the 128-bit id of what a path names: the first 16 bytes of its SHA-256, as 32 hex digits.
 * The same path has the same id in every service and in every language.
 */
export function derivedId(path: string): string {
  return hash("sha256", path, "hex").slice(0, 32);
}

/** The 32 hex digits of a UUID. */
export function hexOf(uuid: string): string {
  return uuid.replaceAll("-", "").toLowerCase();
}

/** The UUID of 32 hex digits. */
export function uuidOf(hex: string): string {
  const [one, two, three] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)];
  return `${one}-${two}-${three}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The 16 bytes of 32 hex digits. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex);
}

/** The 32 hex digits of 16 bytes; no bytes stand for zeros. */
export function hexFromBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? ZERO_ID : bytes.toHex();
}

/** Spreads ids over 16 buckets, so that the subjects of events stay few. */
export function bucketOf(id: string): number {
  return Number.parseInt(hash("sha256", id, "hex").slice(0, 1), 16);
}

/** The id of nothing. */
export const ZERO_ID = "0".repeat(32);

/** The id that no object may have. */
export const MAX_ID = "f".repeat(32);
