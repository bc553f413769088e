import type { CompiledQuery, Kysely } from "kysely";
import type { Database } from "#mesh/database/connect.ts";

/** A database that keeps the statements that were sent to it outside of transactions. */
export function recording<T>(db: Database<T>): {
  readonly db: Database<T>;
  readonly statements: readonly CompiledQuery[];
} {
  const statements: CompiledQuery[] = [];
  const executor = db.sql.getExecutor();
  const recorder = {
    transformQuery: executor.transformQuery.bind(executor),
    compileQuery: executor.compileQuery.bind(executor),
    executeQuery: async (query: CompiledQuery) => {
      statements.push(query);
      return executor.executeQuery(query);
    },
  };
  const sql = { getExecutor: () => recorder } as unknown as Kysely<T>;
  return { db: { ...db, sql }, statements };
}
