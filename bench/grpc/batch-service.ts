import { create, toBinary } from "@bufbuild/protobuf";
import { fileDesc, type GenService, serviceDesc } from "@bufbuild/protobuf/codegenv2";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  type CreateTransfersRequestSchema,
  type CreateTransfersResponseSchema,
  file_mizan_billing_v1_ledger_service as ledger,
} from "#gen/mizan/billing/v1/ledger_service_pb.ts";

const file = create(FileDescriptorProtoSchema, {
  name: "mizan/bench/v1/batch_service.proto",
  package: "mizan.bench.v1",
  dependency: [`${ledger.name}.proto`],
  syntax: "proto3",
  service: [
    {
      name: "BatchService",
      method: [
        {
          name: "Stream",
          inputType: ".mizan.billing.v1.CreateTransfersRequest",
          outputType: ".mizan.billing.v1.CreateTransfersResponse",
          clientStreaming: true,
          serverStreaming: true,
        },
      ],
    },
  ],
});

/** A stream of the ledger's batches, to measure wires with; it is no part of the contract. */
export const BatchService: GenService<{
  stream: {
    methodKind: "bidi_streaming";
    input: typeof CreateTransfersRequestSchema;
    output: typeof CreateTransfersResponseSchema;
  };
}> = serviceDesc(fileDesc(base64Encode(toBinary(FileDescriptorProtoSchema, file)), [ledger]), 0);
