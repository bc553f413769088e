import type { ColumnType, Generated, Kysely } from "kysely";
import type { CreditChangeKind, CreditChangeState, Refusal } from "../domain/credit-change.ts";
import type { MerchantState } from "../domain/merchant.ts";
import type { Role, UserState } from "../domain/user.ts";

/** The tables of this service; migrations/ says what each is for. */
export type Tables = {
  person: {
    id: string;
    state: UserState;
    roles: ColumnType<Role[], readonly Role[]>;
    verification_level: Generated<number>;
    created_at: Generated<Date>;
  };
  profile: {
    person_id: string;
    username: string;
    email: string | null;
    phone_number: string | null;
  };
  credential: {
    person_id: string;
    password_hash: string;
    changed_at: Generated<Date>;
  };
  session: {
    id: string;
    person_id: string;
    created_at: Generated<Date>;
    expires_at: Date;
    revoked_at: Date | null;
  };
  refresh_token: {
    hash: Uint8Array;
    session_id: string;
    expires_at: Date;
    used_at: Date | null;
    salt: Uint8Array | null;
    successor: Uint8Array | null;
  };
  notification: {
    id: string;
    person_id: string;
    type: string;
    values: Record<string, string>;
    created_at: Date;
  };
  merchant: {
    id: string;
    state: Generated<MerchantState>;
    requested_credit_minor: Generated<bigint>;
    credit_limit_minor: bigint | null;
    bank_account: Generated<string>;
    reason: Generated<string>;
    decided_by: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  credit_change: {
    id: string;
    merchant_id: string;
    kind: CreditChangeKind;
    limit_minor: bigint;
    remark: string;
    bank: Generated<string>;
    request_key: string;
    requested_by: string;
    approved_by: string | null;
    state: CreditChangeState;
    refusal: Refusal | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
};

/** Where statements run: the pool, or a transaction of it. */
export type Queries = Kysely<Tables>;
