import { hash } from "node:crypto";
import { callerKey } from "#mesh/access.ts";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import type { Role } from "#mesh/person.ts";
import type { Call, Core } from "../context.ts";
import { approveMerchant } from "../operations/approve-merchant.ts";
import { registerMerchant } from "../operations/register-merchant.ts";
import { callWith } from "./test-core.ts";

/** A call of a person under a key; the body stands for what the request says. */
export function callOf(
  id: string,
  role: Role = "ADMIN",
  { key = newId(), body = "" }: Keyed = {},
): Call {
  const { values, signal } = callWith(key);
  const person = { id, roles: [role], verificationLevel: 0 };
  values.set(callerKey, { kind: "person", person });
  const fingerprint = hash("sha256", body, "buffer");
  const method = "mizan.core.v1.MerchantService/Test";
  values.set(callKey, { principal: id, method, key, hash: fingerprint, replayed: false });
  return { values, signal };
}

type Keyed = { readonly key?: string | undefined; readonly body?: string };

/** Rials as the wire has them. */
export function rials(amount: string) {
  return { $typeName: "mizan.type.v1.Money", asset: "IRR", amount } as const;
}

/** A request of somebody new to register. */
export function newMerchant(username = `m-${newId().slice(-12)}`) {
  return {
    requestId: "",
    username,
    password: "blue tea pot 7",
    requestedCredit: rials("5000.00"),
    bankAccount: "IR06 0170 0000 0000 1234 5678 90",
    email: "",
    phoneNumber: "",
  };
}

/** Registers somebody new; returns the id. */
export async function register(core: Core): Promise<string> {
  const { merchant } = await registerMerchant(core, newMerchant(), callWith());
  return merchant!.id;
}

/** Registers somebody new with a limit; returns the id. */
export async function approved(core: Core, limit = "1000.00"): Promise<string> {
  const merchantId = await register(core);
  const request = { requestId: "", merchantId, creditLimit: rials(limit), remark: "" };
  await approveMerchant(core, request, callOf(newId()));
  return merchantId;
}

/** Does what a client does when it is told to come again: the same again. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== "IDEMPOTENCY_IN_PROGRESS" && reason !== "OVERLOADED") throw error;
    return patiently(call);
  }
}

/** What a person was told, newest first, as types with their values. */
export async function toldTo(core: Core, personId: string) {
  return core.db.sql
    .selectFrom("notification")
    .select(["type", "values"])
    .where("person_id", "=", personId)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
}
