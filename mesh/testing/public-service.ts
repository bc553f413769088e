import { create, type MessageInitShape, setExtension, toBinary } from "@bufbuild/protobuf";
import { fileDesc, type GenService, serviceDesc } from "@bufbuild/protobuf/codegenv2";
import { base64Encode } from "@bufbuild/protobuf/wire";
import {
  file_google_protobuf_wrappers,
  FileDescriptorProtoSchema,
  type MethodDescriptorProtoSchema,
  MethodOptions_IdempotencyLevel as Level,
  MethodOptionsSchema,
  type StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import {
  Audience,
  file_mizan_access_v1_access,
  RateClass,
  rule,
  RuleSchema,
} from "#gen/mizan/access/v1/access_pb.ts";

type Text = typeof StringValueSchema;
type Method = MessageInitShape<typeof MethodDescriptorProtoSchema>;

const file = create(FileDescriptorProtoSchema, {
  name: "mizan/testing/v1/public_service.proto",
  package: "mizan.testing.v1",
  dependency: ["google/protobuf/wrappers.proto", "mizan/access/v1/access.proto"],
  syntax: "proto3",
  service: [
    {
      name: "PublicService",
      method: [
        method("Ask", Level.IDEMPOTENT),
        method("Read", Level.NO_SIDE_EFFECTS),
        { ...method("Watch", Level.NO_SIDE_EFFECTS), serverStreaming: true },
        { ...method("Tell", Level.IDEMPOTENT), clientStreaming: true },
        { ...method("Talk", Level.IDEMPOTENT), clientStreaming: true, serverStreaming: true },
        method("Inside", Level.IDEMPOTENT, Audience.SERVICE),
      ],
    },
  ],
});

function method(
  name: string,
  idempotencyLevel: Level,
  audience: Audience = Audience.PUBLIC,
): Method {
  const options = create(MethodOptionsSchema, { idempotencyLevel });
  const bounds = { defaultTimeoutMs: 1000, maxTimeoutMs: 5000, rateClass: RateClass.READ };
  setExtension(options, rule, create(RuleSchema, { audience: [audience], ...bounds }));
  const text = ".google.protobuf.StringValue";
  return { name, inputType: text, outputType: text, options };
}

/** A service that is served outside, with a method of each kind and one for services alone. */
export const PublicService: GenService<{
  ask: { methodKind: "unary"; input: Text; output: Text };
  read: { methodKind: "unary"; input: Text; output: Text };
  watch: { methodKind: "server_streaming"; input: Text; output: Text };
  tell: { methodKind: "client_streaming"; input: Text; output: Text };
  talk: { methodKind: "bidi_streaming"; input: Text; output: Text };
  inside: { methodKind: "unary"; input: Text; output: Text };
}> = serviceDesc(
  fileDesc(base64Encode(toBinary(FileDescriptorProtoSchema, file)), [
    file_google_protobuf_wrappers,
    file_mizan_access_v1_access,
  ]),
  0,
);
