import { openPlace } from "./matching/place.ts";
import { measureStart } from "./matching/restart.ts";
import { print } from "./report.ts";
const t = (n: string) => console.log(n, Math.round(performance.now()), "ms");
await using place = await openPlace(); t("place");
print({ bench: "s", input: "", rows: await measureStart(place.startedUrl, 2) }); t("start");
