import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { Audience, rule } from "#gen/mizan/access/v1/access_pb.ts";

/** What a caller outside shows, and the operator inside: nothing, or a token of some kind. */
export type Bearer = "nothing" | "expired" | "forged" | "internal" | Kind;

/** A kind of person. */
export type Kind = "USER" | "MERCHANT" | "ADMIN";

/** An internal token: one's own, or one that is wrong in some way. */
export type Internal = "own" | "missing" | "another's" | "for another service" | "expired";

/** Somebody who calls. */
export type Identity =
  | { readonly wire: "http"; readonly bearer: Bearer }
  | {
      readonly wire: "grpc";
      /** The service that the certificate names. */
      readonly name: string;
      readonly certificate: "good" | "missing" | "expired" | "of another authority";
      readonly internal: Internal;
      /** For whom a service calls. */
      readonly person?: Kind;
      /** What the operator shows besides. */
      readonly bearer?: Bearer;
    };

/** What has to become of a call. */
export type Verdict =
  | "let in"
  | "unauthenticated"
  | "denied"
  | "no connection"
  | "not on this wire";

/** Says from the options of a method alone what has to become of a call (AC-1 to AC-4, S6). */
export function verdictOf(method: DescMethod, who: Identity): Verdict {
  const { audience, callers } = getOption(method, rule);
  if (who.wire === "http") {
    // Both can't speak at a time where HTTP is that of the router.
    const isTalk = method.methodKind === "bidi_streaming";
    return isTalk ? "not on this wire" : outside(audience, who.bearer);
  }
  if (who.certificate !== "good") return "no connection";
  switch (who.internal) {
    case "missing":
    case "expired":
    case "for another service":
      return "unauthenticated";
    case "another's":
      return "denied";
    default:
  }
  if (who.name === "operator") return outside(audience, who.bearer ?? "nothing");
  if (!callers.includes(who.name)) return "denied";
  if (audience.includes(Audience.SERVICE)) return "let in";
  if (who.person !== undefined) return isFor(audience, who.person) ? "let in" : "denied";
  return audience.includes(Audience.PUBLIC) ? "let in" : "unauthenticated";
}

function outside(audience: readonly Audience[], bearer: Bearer): Verdict {
  if (audience.every((one) => one === Audience.SERVICE)) return "denied";
  if (audience.includes(Audience.PUBLIC)) return "let in";
  switch (bearer) {
    case "USER":
    case "MERCHANT":
    case "ADMIN":
      return isFor(audience, bearer) ? "let in" : "denied";
    default:
      return "unauthenticated";
  }
}

function isFor(audience: readonly Audience[], kind: Kind): boolean {
  const isOne = {
    USER: audience.includes(Audience.USER),
    // a merchant is a user too
    MERCHANT: audience.includes(Audience.MERCHANT) || audience.includes(Audience.USER),
    ADMIN: audience.includes(Audience.ADMIN),
  };
  return audience.includes(Audience.PUBLIC) || isOne[kind];
}
