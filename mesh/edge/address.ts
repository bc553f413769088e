import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { Client } from "../client.ts";
import { plainAddress } from "../network.ts";

/**
 * Tells where requests come from. X-Forwarded-For counts only as far as proxies of the given
 * addresses and ranges wrote it; what lies before them anybody may have made up.
 */
export function clientOf(trusted: readonly string[]): (request: IncomingMessage) => Client {
  const proxies = blockListOf(trusted);
  const isProxy = (ip: string) => proxies.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4");
  return ({ socket, headers }) => {
    const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
    let ip = plainAddress(socket.remoteAddress ?? "") ?? "0.0.0.0";
    while (isProxy(ip)) {
      const before = plainAddress(forwarded.pop() ?? "");
      if (before === undefined) break;
      ip = before;
    }
    return { ip };
  };
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const type = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list;
}
