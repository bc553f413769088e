import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { reflect, type ReflectMap, type ReflectMessage } from "@bufbuild/protobuf/reflect";

/** The bytes of a message, the same for every message that says the same. */
export function canonicalBytes(schema: DescMessage, message: Message): Uint8Array {
  // Fields are written in the order of their numbers; the entries of maps, as they came.
  if (hasMaps(schema)) sortMaps(reflect(schema, message));
  return toBinary(schema, message, { writeUnknownFields: false });
}

function hasMaps(schema: DescMessage): boolean {
  const known = mapped.get(schema);
  if (known !== undefined) return known;
  mapped.set(schema, false); // for the time that a message which holds itself is looked at
  const found = schema.fields.some(
    ({ fieldKind, message }) => fieldKind === "map" || (message !== undefined && hasMaps(message)),
  );
  mapped.set(schema, found);
  return found;
}

const mapped = new WeakMap<DescMessage, boolean>();

/** Sorts the maps of a message in place; their order means nothing to anybody. */
function sortMaps(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === "map") sortMap(message.get(field));
    else if (field.fieldKind === "message") sortMaps(message.get(field));
    else if (field.fieldKind === "list" && field.listKind === "message") {
      for (const item of message.get(field)) sortMaps(item as ReflectMessage);
    }
  }
}

function sortMap(map: ReflectMap): void {
  const entries = [...map].toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1));
  map.clear();
  for (const [key, value] of entries) {
    if (map.field().mapKind === "message") sortMaps(value as ReflectMessage);
    map.set(key, value);
  }
}
