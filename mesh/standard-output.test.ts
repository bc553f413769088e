import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const script = `
  import { createLog } from ${JSON.stringify(new URL("log.ts", import.meta.url).href)};
  const log = createLog({ name: "test", level: "info" });
  process.stdin.on("end", () => {
    for (let line = 0; line < 5000; line++) log.info({ attempt: line }, "a line");
    log.error("the last line");
  }).resume();
`;

test("R7 every line arrives, the last ones too", async () => {
  const child = start();
  let text = "";
  child.stdout.on("data", (data: Buffer) => (text += data.toString()));
  child.stdin.end();
  await once(child, "close");
  const lines = text.trim().split("\n");
  expect(lines).toHaveLength(5001);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ level: "error", msg: "the last line" });
});

test("a process ends although nobody reads its log any more", async () => {
  const child = start();
  child.stdout.destroy();
  child.stdin.end();
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
});

function start() {
  const args = ["--input-type=module-typescript", "-e", script];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  return child;
}
