import type { Connection } from "#mesh/database/connection.ts";
import type { Texts } from "../domain/fold/texts.ts";

/** Which rows of a table to read, in the order of a column of whole numbers. */
export type Rows<C extends string> = {
  readonly table: string;
  readonly columns: readonly C[];
  readonly by: string;
  /** They come after this one. */
  readonly after: number;
  /** None is beyond this one. */
  readonly until?: number;
  readonly limit: number;
};

/** Some rows, and where the next ones begin. */
export type RowsRead<C extends string> = Texts<C> & { readonly last: number };

/** Reads rows by columns, each as one text: numbers in digits, with commas in between. */
export async function readRowTexts<C extends string>(
  connection: Connection,
  { table, columns, by, after, until = Number.MAX_SAFE_INTEGER, limit }: Rows<C>,
): Promise<RowsRead<C>> {
  const texts = columns.map((name) => {
    return `string_agg(coalesce(${name}::text, ''), ',' order by ${by}) as ${name}`;
  });
  const [row] = await connection.query<{ [column: string]: unknown }>(
    `select count(*) as row_count, max(${by}) as row_last, ${texts.join()}
      from (select * from ${table} where ${by} > $1 and ${by} <= $2 order by ${by} limit $3) chunk`,
    [after, until, limit],
  );
  const read = columns.map((name) => [name, row![name] ?? ""] as const);
  return {
    count: row!["row_count"] as number,
    last: (row!["row_last"] as number | null) ?? after,
    columns: Object.fromEntries(read) as Record<C, string>,
  };
}
