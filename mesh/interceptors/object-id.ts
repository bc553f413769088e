import type { DescField, DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";

/**
 * Finds the id of what a call is about: the first id in its request, else that of the object in
 * its answer. Of a batch it is the first of all and how many more there are. Only what has the
 * form of our ids is shown, whatever a caller has put there (S12).
 */
export function objectIdOf(method: DescMethod, request: Message, answer?: Message): string {
  const { fromRequest, fromAnswer } = finderOf(method);
  return fromRequest(request) || (answer === undefined ? "" : fromAnswer(answer));
}

type Find = (message: Message) => string;
type Finder = { readonly fromRequest: Find; readonly fromAnswer: Find };
type Values = Readonly<Record<string, unknown>>;

function finderOf(method: DescMethod): Finder {
  const known = finders.get(method);
  if (known !== undefined) return known;
  const finder = { fromRequest: requestFinder(method.input), fromAnswer: answerFinder(method) };
  finders.set(method, finder);
  return finder;
}

/** What is read from a descriptor once. */
const finders = new WeakMap<DescMethod, Finder>();

function requestFinder({ fields }: DescMessage): Find {
  const ids = fields.filter(isId).map(({ localName }) => localName);
  const [batch] = fields.flatMap(batchOf);
  return (message) => {
    const values = message as unknown as Values;
    for (const name of ids) {
      const id = shown(values[name]);
      if (id !== "") return id;
    }
    return batch === undefined ? "" : firstOf(values[batch.items] as readonly Values[], batch.id);
  };
}

/** Where the ids of a batch are: in a list of messages, or a list of ids. */
function batchOf(field: DescField): { items: string; id: string | undefined }[] {
  if (field.fieldKind !== "list") return [];
  if (field.listKind === "scalar" && field.name.endsWith("_ids")) {
    return [{ items: field.localName, id: undefined }];
  }
  const id = field.listKind === "message" ? field.message.fields.find(isId) : undefined;
  return id === undefined ? [] : [{ items: field.localName, id: id.localName }];
}

function firstOf(items: readonly Values[], id: string | undefined): string {
  const [first] = items;
  const found = shown(id === undefined ? first : first?.[id]);
  return found === "" || items.length === 1 ? found : `${found} +${items.length - 1}`;
}

function answerFinder({ output }: DescMethod): Find {
  const objects = output.fields.filter(
    (field) => field.fieldKind === "message" && field.message.fields.some(isOwnId),
  );
  const names = objects.map(({ localName }) => localName);
  return (message) => {
    for (const name of names) {
      const id = shown((message as unknown as Record<string, Values>)[name]?.["id"]);
      if (id !== "") return id;
    }
    return "";
  };
}

function isId(field: DescField): boolean {
  return isText(field) && field.name !== "request_id" && /(?:^|_)id$/.test(field.name);
}

function isOwnId(field: DescField): boolean {
  return isText(field) && field.name === "id";
}

function isText(field: DescField): boolean {
  return field.fieldKind === "scalar" && field.scalar === ScalarType.STRING;
}

function shown(value: unknown): string {
  return typeof value === "string" && form.test(value) ? value : "";
}

/** A UUID, or the 32 hex digits of the ledger's ids. */
const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{32}$/i;
