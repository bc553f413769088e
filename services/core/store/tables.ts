import type { ColumnType, Generated, Kysely } from "kysely";
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
};

/** Where statements run: the pool, or a transaction of it. */
export type Queries = Kysely<Tables>;
