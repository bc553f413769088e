import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { Person } from "../person.ts";
import type { Fields } from "./fields.ts";
import type { CompatErrors } from "./refused.ts";

/** A path of a system that is replaced, and the method of the contract that it stands for. */
export type CompatRow<I extends DescMessage = DescMessage, O extends DescMessage = DescMessage> = {
  readonly path: string;
  readonly verb: "GET" | "POST";
  /** The method whose access rule, rate, deadline, validation and keys of requests apply. */
  readonly method: DescMethodUnary<I, O>;
  /** Reads the request of the method for somebody whom its rule has let in. */
  readonly toRequest: (fields: Fields, person: Person | undefined) => MessageInitShape<I>;
  /** Makes the answer, in the shape of the replaced system. */
  readonly answer: (call: CompatCall<I, O>) => Promise<object>;
  /** The status of an answer that went well, if it is not always 200. */
  readonly status?: number | ((answer: Answer) => number);
  readonly errors: CompatErrors;
};

/** An answer as it was made, by the names of its fields. */
type Answer = Readonly<Record<string, unknown>>;

/** A call that has passed all checks. */
type CompatCall<I extends DescMessage, O extends DescMessage> = {
  readonly request: MessageShape<I>;
  readonly fields: Fields;
  readonly context: HandlerContext;
  /** Has the method answer. */
  readonly ask: () => Promise<MessageShape<O>>;
};

/** The status of an answer that went well. */
export function statusOf({ status = 200 }: Pick<CompatRow, "status">, answer: object): number {
  return typeof status === "number" ? status : status(answer as Answer);
}

/** Writes a row of a method; the table of a service does not tell the methods apart. */
export function compatRow<I extends DescMessage, O extends DescMessage>(
  row: CompatRow<I, O>,
): CompatRow {
  return row;
}
