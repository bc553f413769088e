import type { Bearer, Identity, Internal, Kind } from "./oracle.ts";

const kinds: readonly Kind[] = ["USER", "MERCHANT", "ADMIN"];
const bearers: readonly Bearer[] = ["nothing", "expired", "forged", "internal", ...kinds];
const wrong: readonly Internal[] = ["missing", "another's", "for another service", "expired"];
const services = ["core", "billing", "sms", "settlement", "matching"];

/** Everybody who may call, and everybody who may not. */
export const identities: readonly Identity[] = [
  ...bearers.map((bearer) => ({ wire: "http" as const, bearer })),
  ...services.flatMap((name) => wrong.map((internal) => grpc(name, { internal }))),
  ...services.map((name) => grpc(name)),
  ...services.flatMap((name) => kinds.map((person) => grpc(name, { person }))),
  ...wrong.map((internal) => grpc("operator", { internal, bearer: "ADMIN" as const })),
  ...bearers.map((bearer) => grpc("operator", { bearer })),
  grpc("nobody", { certificate: "missing" }),
  grpc("core", { certificate: "expired" }),
  grpc("core", { certificate: "of another authority" }),
];

type Inside = Extract<Identity, { wire: "grpc" }>;

function grpc(name: string, rest: Partial<Inside> = {}): Inside {
  return { wire: "grpc", name, certificate: "good", internal: "own", ...rest };
}

/** Says who an identity is. */
export function titleOf(who: Identity): string {
  if (who.wire === "http") return `outside with ${tokenOf(who.bearer)}`;
  const { name, certificate, internal, person, bearer } = who;
  if (certificate !== "good") return `${name}, whose certificate is ${certificate}`;
  const parts = [
    name,
    ...(internal === "own" ? [] : [`whose internal token is ${internal}`]),
    ...(person === undefined ? [] : [`for a person with the role ${person}`]),
    ...(bearer === undefined ? [] : [`with ${tokenOf(bearer)}`]),
  ];
  return parts.join(", ");
}

function tokenOf(bearer: Bearer): string {
  if (bearer === "nothing") return "nothing";
  return `${/^[AEIU]/i.test(bearer) ? "an" : "a"} ${bearer} token`;
}
