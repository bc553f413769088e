import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient } from "@connectrpc/connect";
import { afterAll, describe, expect, test } from "vitest";
import {
  ServerReflection,
  type ServerReflectionRequest,
} from "#gen/grpc/reflection/v1/reflection_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { openIdentity } from "../identity.ts";
import { failureOf } from "../testing/failure.ts";
import { testMesh } from "../testing/mesh.ts";
import { GrpcTransport } from "./transport.ts";

type Ask = ServerReflectionRequest["messageRequest"];

const mesh = await testMesh(["billing", "sms", "operator"]);
const { port } = await mesh.serve({ name: "billing", service: WalletService, implementation: {} });
afterAll(async () => mesh[Symbol.asyncDispose]());

describe("the operator", () => {
  test("finds the services", async () => {
    const [answer] = await asked([{ case: "listServices", value: "" }]);
    expect(answer).toMatchObject({
      case: "listServicesResponse",
      value: {
        service: [{ name: "mizan.billing.v1.WalletService" }, { name: "grpc.health.v1.Health" }],
      },
    });
  });

  test.each([
    "mizan.billing.v1.WalletService",
    "mizan.billing.v1.WalletService.GetBalance",
    "mizan.billing.v1.GetBalanceRequest",
    "mizan.billing.v1.GetBalanceRequest.asset",
  ])("finds the file of %s, with all that it imports", async (symbol) => {
    const [answer] = await asked([{ case: "fileContainingSymbol", value: symbol }]);
    const files = filesOf(answer!);
    expect(files.at(-1)!.name).toBe("mizan/billing/v1/wallet_service.proto");
    const known = new Set<string>();
    for (const { name, dependency } of files) {
      expect(new Set(dependency).isSubsetOf(known)).toBe(true);
      known.add(name);
    }
  });

  test("finds files by name, and extensions by number", async () => {
    const file = "buf/validate/validate.proto";
    const extendee = "google.protobuf.MethodOptions";
    const [byName, byExtension, numbers] = await asked([
      { case: "fileByFilename", value: file },
      {
        case: "fileContainingExtension",
        value: {
          $typeName: "grpc.reflection.v1.ExtensionRequest",
          containingType: extendee,
          extensionNumber: 50001,
        },
      },
      { case: "allExtensionNumbersOfType", value: extendee },
    ]);
    expect(filesOf(byName!).at(-1)!.name).toBe(file);
    expect(filesOf(byExtension!).at(-1)!.name).toBe("mizan/access/v1/access.proto");
    expect(numbers).toMatchObject({ value: { baseTypeName: extendee, extensionNumber: [50001] } });
  });

  test("finds the detail of every error", async () => {
    const symbol = "mizan.error.v1.ErrorInfo";
    const [answer] = await asked([{ case: "fileContainingSymbol", value: symbol }]);
    expect(filesOf(answer!)).toMatchObject([{ name: "mizan/error/v1/error.proto" }]);
  });

  test("is told what there is not", async () => {
    const answers = await asked([
      { case: "fileByFilename", value: "no.proto" },
      { case: "fileContainingSymbol", value: "no.Such" },
      { case: undefined },
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ case: "errorResponse", value: { errorCode: Code.NotFound } });
    }
  });
});

test("G26 reflection answers nobody but the operator", async () => {
  const error = await failureOf(asked([{ case: "listServices", value: "" }], "sms"));
  expect(error.code).toBe(Code.PermissionDenied);
});

async function asked(asks: Ask[], name = "operator") {
  using identity = openIdentity({ folder: mesh.folder, service: name, log: mesh.log });
  using transport = new GrpcTransport(`localhost:${port}`, identity.channelCredentials("billing"));
  async function* requests() {
    for (const messageRequest of asks) yield { messageRequest };
  }
  const answers = [];
  const stream = createClient(ServerReflection, transport).serverReflectionInfo(requests());
  for await (const { messageResponse } of stream) answers.push(messageResponse);
  return answers;
}

function filesOf(answer: { case: unknown; value?: unknown }) {
  const { fileDescriptorProto } = answer.value as { fileDescriptorProto: Uint8Array[] };
  return fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}
