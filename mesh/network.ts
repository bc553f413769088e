import { isIP } from "node:net";

/**
 * The part of an address that one customer has: an IPv4 address, or the first 64 bits of an IPv6
 * address, since whoever has one of its addresses has them all.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  const [before = "", after] = ip.split("::");
  const groups = before === "" ? [] : before.split(":");
  if (after !== undefined) {
    const last = after === "" ? [] : after.split(":");
    groups.push(...Array.from({ length: 8 - groups.length - last.length }, () => "0"), ...last);
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

/** An address without brackets, port, zone or the IPv6 form of an IPv4 address; none of other text. */
export function plainAddress(text: string): string | undefined {
  const [, bracketed, dotted] = /^\[(.+)\](?::\d+)?$|^([\d.]+)(?::\d+)?$/.exec(text.trim()) ?? [];
  const address = (bracketed ?? dotted ?? text.trim()).replace(/%.*$/, "");
  const inner = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
  return isIP(inner) === 0 ? undefined : inner;
}
