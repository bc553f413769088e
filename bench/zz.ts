import { temporaryStack } from "../scripts/platform/temporary-stack.ts";
import { outside } from "../scripts/platform/outside.ts";
import { openClassic } from "./orders/classic.ts";
import { cancelAll, openExchange, listMarket } from "./orders/exchange.ts";
import { agreement } from "./orders/agreement.ts";
import { openTraders } from "./orders/traders.ts";
import { closedLoop, openLoop } from "./load.ts";
import { measureFanOut } from "./orders/fan-out.ts";
import { quantile } from "./report.ts";
const t = (n: string) => console.log(n, Math.round(performance.now()), "ms");
  await using stack = await temporaryStack({ say: console.log, env: { LOG_LEVEL: "error" } });
  const dev = stack.current().describe();
try {
  const { accessToken } = await outside(dev.origin).users.login(dev.admin);
  await listMarket(dev, accessToken);
  const traders = await openTraders(dev); t("traders");
  for (const which of process.argv.slice(2)) {
  await using classic = which === "classic" ? await openClassic(dev, traders) : undefined;
  await using theirs = await openExchange(classic?.dev ?? dev, traders, 8); t(which);
for (const [n, f] of [["unary", () => closedLoop({ inFlight: 128, ms: 3000 }, theirs.place)], ["open", () => openLoop({ perSecond: 300, ms: 3000 }, theirs.place)], ["stream", () => closedLoop({ inFlight: 16, ms: 3000 }, () => theirs.placeMany(256))]] as const) {
  const d = await f(); console.log(n, d.perSecond, quantile(d.latenciesMs, .5), quantile(d.latenciesMs, .99)); t("");
 if (which === "ours") { await agreement(dev, traders); t("agreed"); await cancelAll(dev, traders); t("cancelled"); }
}
await classic?.verify();
if (which === "ours") { console.log(await measureFanOut(dev, theirs, 3000)); t("fanout"); await agreement(dev, traders); }
}
} catch (e) { console.log(e); for (const n of ["matching", "billing"]) console.log((await import("node:fs")).readFileSync(stack.current().home + `/logs/${n}.log`, "utf8").slice(-3000)); }
