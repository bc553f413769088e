import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { MAX_VIOLATIONS_LENGTH } from "../limits.ts";
import { failureOf, infoOf } from "../testing/failure.ts";
import { GuardedService } from "../testing/guarded-service.ts";
import { wires } from "../testing/wires.ts";
import { errors } from "./errors.ts";
import { validate } from "./validation.ts";

const { grpc, connect } = wires;

describe.each(Object.entries({ grpc, connect }))("%s", (_name, openWire) => {
  const open = () => {
    const texts: string[] = [];
    const implementation = {
      open: ({ text }: { text: string }) => {
        texts.push(text);
        return {};
      },
      async *watch({ text }: { text: string }) {
        texts.push(text);
        yield {};
      },
    };
    const interceptors = [errors, validate];
    const served = { service: GuardedService, implementation, interceptors };
    return openWire(served).then((wire) => ({ ...wire, texts }));
  };

  test("a request that keeps the contract comes through", async () => {
    await using wire = await open();
    await wire.client.open({ text: "hello" });
    expect(wire.texts).toEqual(["hello"]);
  });

  test("a request that breaks the contract is refused with what is wrong where", async () => {
    await using wire = await open();
    const error = await failureOf(wire.client.open({ text: "HELLO" }));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(infoOf(error).reason).toBe("VALIDATION_FAILED");
    expect(error.rawMessage).toBe(
      "The request breaks the contract: text: does not match regex pattern `^[a-z ]*$` " +
        "[string.pattern]",
    );
    const violations = error.findDetails(ViolationsSchema).flatMap((one) => one.violations);
    expect(violations).toMatchObject([{ ruleId: "string.pattern" }]);
    expect(wire.texts).toEqual([]);
  });

  test("A8 what is wrong is told in a text of bounded length, without the value", async () => {
    await using wire = await open();
    const error = await failureOf(wire.client.open({ text: "SECRET".repeat(10_000) }));
    expect(error.rawMessage.length).toBeLessThan(MAX_VIOLATIONS_LENGTH + 100);
    expect(error.rawMessage).not.toContain("SECRET");
  });

  test("the messages of a stream are checked as they come", async () => {
    await using wire = await open();
    const read = async () => {
      for await (const _ of wire.client.watch({ text: "HELLO" }));
    };
    expect(infoOf(await failureOf(read())).reason).toBe("VALIDATION_FAILED");
    expect(wire.texts).toEqual([]);
  });
});
