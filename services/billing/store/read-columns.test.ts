import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { link } from "../seal/link.ts";
import { filledBooks, sealAll } from "../testing/test-seal.ts";
import { readAccountLines } from "./account-lines.ts";
import { readColumns, readLines } from "./read-columns.ts";

const id = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const zero = "00000000-0000-0000-0000-000000000000";
const time = String.raw`\d{16}`;

test("the lines of transfers have the form that the documents promise, with all that is stored", async () => {
  await using books = await filledBooks();
  const { lines, count, lastUs } = await readLines(books.superuser, { afterUs: 0 });
  const reference = `x${Buffer.from("opening | balance\n").toHex()}`;
  expect(lines.slice(0, 4)).toEqual(
    [
      `1 ${time} ${id} 1 1 100 0 4 1 500 - - 0 ${zero} 1 0 500 1 0 500 ${reference}`,
      `2 ${time} ${id} 2 1 100 2 1 3 50 - - 1000 ${zero} 2 50 0 1 50 0 -`,
      `3 ${time} ${id} 2 1 100 2 1 3 50 - - 1000 ${zero} 3 100 0 2 100 0 -`,
      `4 ${time} ${id} 3 1 100 4 1 3 20 ${time} - 0 ${zero} 4 50 20 3 50 20 -`,
    ].map((line) => expect.stringMatching(new RegExp(`^${line}$`))),
  );
  expect([count, lines.length]).toEqual([12, 12]);
  expect(lastUs).toBe(Number(lines.at(-1)!.split(" ")[1]));
  const [last] = (await readAccountLines(books.superuser, 4, 10)).slice(-1);
  expect(last).toMatch(new RegExp(`^account 5 ${id} 1 100 0 ${zero} ${time}$`));
});

test("columns have the cells of the lines, chunk by chunk, and up to a time", async () => {
  await using books = await filledBooks();
  const { lines, lastUs: untilUs } = await readLines(books.superuser, { afterUs: 0, limit: 10 });
  const found: string[] = [];
  for (let afterUs = 0; ;) {
    const names = ["seq", "pending_at_us", "amount", "reference"] as const;
    const span = { afterUs, untilUs, limit: 4 };
    const { count, lastUs, columns } = await readColumns(books.superuser, span, names);
    if (count === 0) break;
    const cells = names.map((name) => columns[name].split(","));
    for (let at = 0; at < count; at += 1) found.push(cells.map((column) => column[at]).join(" "));
    afterUs = lastUs;
  }
  const wanted = lines.map((line) => {
    const cells = line.split(" ").map((cell) => (cell === "-" ? "" : cell));
    return [cells[0], cells[10], cells[9], cells[20]].join(" ");
  });
  expect(found).toEqual(wanted);
});

test("WR-9 the statement of docs/ledger.md prints the chain that is sealed", async () => {
  await using books = await filledBooks();
  const { hash } = await sealAll(books.db.url);
  const page = await readFile("docs/ledger.md", "utf8");
  const [, statement] = /## The hash chain.*?```sql\n(.*?)```/s.exec(page)!;
  let made = "0".repeat(64);
  for (const { line } of await books.superuser.query<{ line: string }>(statement!)) {
    made = createHash("sha256").update(`${made}\n${line}`).digest("hex");
  }
  expect(made).toBe(hash);
});

test("WR-9 a link of the chain is the SHA-256 of the hash before it, a line feed, and the line", () => {
  const [hash, line] = ["0".repeat(64), "1 2 3"];
  const bytes = Buffer.from(`${hash}\n${line}`, "utf8");
  expect(link(hash, line)).toBe(createHash("sha256").update(bytes).digest("hex"));
});
