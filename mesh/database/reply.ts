import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

/** An answer as the table idempotency keeps it: a response, or with a code the error it is. */
export type Reply = { readonly code: Code | null; readonly reply: Uint8Array };

/** The row of a response. */
export function encodeReply<S extends DescMessage>(schema: S, message: MessageInitShape<S>): Reply {
  return { code: null, reply: toBinary(schema, create(schema, message)) };
}

/** The row of a refusal, with all that the caller was told. */
export function encodeRefusal(error: ConnectError): Reply {
  const details = error.details.map((detail) => {
    const isIncoming = "type" in detail;
    const value = isIncoming ? detail.value : encodeReply(detail.desc, detail.value).reply;
    return { type: isIncoming ? detail.type : detail.desc.typeName, value: value.toBase64() };
  });
  const text = JSON.stringify({ message: error.rawMessage, details });
  return { code: error.code, reply: new TextEncoder().encode(text) };
}

/** The response of a row, the same to the byte; throws the refusal when it is one. */
export function decodeReply<S extends DescMessage>(schema: S, row: Reply): MessageShape<S> {
  if (row.code !== null) throw decodeRefusal(row);
  return fromBinary(schema, row.reply);
}

type Refusal = { message: string; details: { type: string; value: string }[] };

/** The refusal of a row that is one. */
export function decodeRefusal({ code, reply }: Reply): ConnectError {
  const { message, details } = JSON.parse(new TextDecoder().decode(reply)) as Refusal;
  const error = new ConnectError(message, code ?? Code.Unknown);
  error.details = details.map(({ type, value }) => ({ type, value: Uint8Array.fromBase64(value) }));
  return error;
}
