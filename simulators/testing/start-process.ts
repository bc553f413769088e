import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts the simulators as a process of their own, on free ports, with a log that tells them. */
export async function startProcess(environment: Readonly<Record<string, string>>) {
  const child = spawn("node", ["simulators/main.ts"], {
    env: {
      ...process.env,
      PORT: "0",
      BANK_PORT: "0",
      BANK_SECOND_PORT: "0",
      MIZAN_PARENT_PIPE: "1",
      ...environment,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    exited,
    closeInput: () => child.stdin.end(),
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
