import { Code, ConnectError } from "@connectrpc/connect";
import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { expect, test } from "vitest";
import { reasonOf } from "../errors.ts";
import { MAX_MESSAGE_BYTES } from "../limits.ts";
import type { Arrival } from "./arrival.ts";
import { repaired } from "./repair.ts";

test("an error that repeats more of the request than a message may have is one of the caller all the same", async () => {
  const long = new ConnectError("x".repeat(2 * MAX_MESSAGE_BYTES), Code.InvalidArgument);
  async function* body() {
    yield errorToJsonBytes(long, undefined);
  }
  const header = new Headers({ "content-type": "application/json" });
  const arrival = { reached: false } as Arrival;
  const { response, error } = await repaired({ status: 400, header, body: body() }, arrival);
  expect([response.status, reasonOf(error)]).toEqual([400, "MALFORMED_REQUEST"]);
});
