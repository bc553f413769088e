import { ZERO_ID, uuidOf } from "#mesh/ids.ts";
import { fromPageToken, pageSize, toPageToken } from "#mesh/page.ts";
import type { Billing } from "../context.ts";
import type { MonitorView } from "../domain/monitor.ts";
import { listMonitors as readMonitors } from "../store/monitors.ts";
import type { Page, PageRequest } from "./read-page.ts";

/** Lists the monitors, oldest first. Throws INVALID_PAGE_TOKEN for the token of another list. */
export async function listMonitors(
  { db }: Pick<Billing, "db">,
  page: PageRequest,
): Promise<Page<MonitorView>> {
  const [createdAtUs = "-1", id = uuidOf(ZERO_ID)] = fromPageToken(page.pageToken, LIST) ?? [];
  const size = pageSize(page.pageSize);
  const after = { createdAtUs: Number(createdAtUs), id };
  const found = await readMonitors(db, { after, limit: size + 1 });
  const rows = found.slice(0, size);
  const last = found.length > size ? rows.at(-1)?.monitor : undefined;
  const nextPageToken = last ? toPageToken([String(last.createdAtUs), last.id], LIST) : "";
  return { rows, nextPageToken };
}

const LIST = "monitors";
