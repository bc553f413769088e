import {
  create,
  type Message,
  type MessageInitShape,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import {
  fileDesc,
  type GenMessage,
  type GenService,
  messageDesc,
  serviceDesc,
} from "@bufbuild/protobuf/codegenv2";
import { base64Encode } from "@bufbuild/protobuf/wire";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  MethodOptions_IdempotencyLevel as Level,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import {
  field as rulesOfField,
  FieldRulesSchema,
  file_buf_validate_validate,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import {
  Audience,
  file_mizan_access_v1_access,
  RateClass,
  Replay,
  rule,
  RuleSchema,
} from "#gen/mizan/access/v1/access_pb.ts";

type Note = Message<"mizan.testing.v1.Note"> & {
  requestId: string;
  text: string;
  marks: { [name: string]: string };
};

/** A method of the test service: what its options say. */
type Option = { rule?: MessageInitShape<typeof RuleSchema>; level?: Level; stream?: boolean };

const rules = { defaultTimeoutMs: 2000, maxTimeoutMs: 10_000, rateClass: RateClass.READ };
const read = Level.NO_SIDE_EFFECTS;
const methods: Record<string, Option> = {
  Open: { rule: { ...rules, audience: [Audience.PUBLIC], callers: ["sms"] }, level: read },
  Own: {
    rule: { ...rules, audience: [Audience.USER, Audience.MERCHANT], callers: ["sms"] },
    level: read,
  },
  Manage: { rule: { ...rules, audience: [Audience.ADMIN] }, level: read },
  Serve: { rule: { ...rules, audience: [Audience.SERVICE], callers: ["sms"] }, level: read },
  Both: {
    rule: { ...rules, audience: [Audience.USER, Audience.SERVICE], callers: ["sms"] },
    level: read,
  },
  Bare: { level: read },
  Write: {
    rule: {
      ...rules,
      audience: [Audience.PUBLIC],
      callers: ["sms"],
      rateClass: RateClass.MONEY,
      replay: Replay.STORED,
    },
    level: Level.IDEMPOTENT,
  },
  WriteItems: {
    rule: { ...rules, audience: [Audience.PUBLIC], callers: ["sms"], replay: Replay.BY_ITEM },
    level: Level.IDEMPOTENT,
  },
  WriteKeyed: {
    rule: { ...rules, audience: [Audience.PUBLIC], replay: Replay.STORED, keyRequired: true },
    level: Level.IDEMPOTENT,
  },
  Login: {
    rule: { ...rules, audience: [Audience.PUBLIC], rateClass: RateClass.EXPRESS },
    level: Level.IDEMPOTENCY_UNKNOWN,
  },
  Watch: {
    rule: { ...rules, audience: [Audience.PUBLIC], callers: ["sms"] },
    level: read,
    stream: true,
  },
};

const file = fileDesc(base64Encode(toBinary(FileDescriptorProtoSchema, describe())), [
  file_buf_validate_validate,
  file_mizan_access_v1_access,
]);

/** A message with a key, a text of small letters and some marks. */
export const NoteSchema: GenMessage<Note> = messageDesc(file, 0);

type Unary = { methodKind: "unary"; input: typeof NoteSchema; output: typeof NoteSchema };

/** A service with one method of each kind of access rule; it is no part of the contract. */
export const GuardedService: GenService<{
  open: Unary;
  own: Unary;
  manage: Unary;
  serve: Unary;
  both: Unary;
  bare: Unary;
  write: Unary;
  writeItems: Unary;
  writeKeyed: Unary;
  login: Unary;
  watch: { methodKind: "server_streaming"; input: typeof NoteSchema; output: typeof NoteSchema };
}> = serviceDesc(file, 0);

function describe() {
  const type = ".mizan.testing.v1.Note";
  return create(FileDescriptorProtoSchema, {
    name: "mizan/testing/v1/guarded_service.proto",
    package: "mizan.testing.v1",
    dependency: ["buf/validate/validate.proto", "mizan/access/v1/access.proto"],
    syntax: "proto3",
    messageType: [{ name: "Note", field: fields(), nestedType: [marksEntry()] }],
    service: [
      {
        name: "GuardedService",
        method: Object.entries(methods).map(([name, { stream = false, ...option }]) => ({
          name,
          inputType: type,
          outputType: type,
          serverStreaming: stream,
          options: optionsOf(option),
        })),
      },
    ],
  });
}

function optionsOf(option: Option) {
  const options = create(MethodOptionsSchema, {
    idempotencyLevel: option.level ?? Level.IDEMPOTENCY_UNKNOWN,
  });
  if (option.rule) setExtension(options, rule, create(RuleSchema, option.rule));
  return options;
}

function fields() {
  const options = create(FieldOptionsSchema);
  const value = create(FieldRulesSchema, {
    type: { case: "string", value: { pattern: "^[a-z ]*$" } },
  });
  setExtension(options, rulesOfField, value);
  const text = { label: Label.OPTIONAL, type: Type.STRING };
  return [
    { name: "request_id", jsonName: "requestId", number: 1, ...text },
    { name: "text", jsonName: "text", number: 2, ...text, options },
    {
      name: "marks",
      jsonName: "marks",
      number: 3,
      label: Label.REPEATED,
      type: Type.MESSAGE,
      typeName: ".mizan.testing.v1.Note.MarksEntry",
    },
  ];
}

function marksEntry() {
  const text = { label: Label.OPTIONAL, type: Type.STRING };
  return {
    name: "MarksEntry",
    options: { mapEntry: true },
    field: [
      { name: "key", jsonName: "key", number: 1, ...text },
      { name: "value", jsonName: "value", number: 2, ...text },
    ],
  };
}
