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
