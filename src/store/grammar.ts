import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';

/** Where the SQL of the two engines differs, and nowhere else. */
export interface Grammar {
  readonly engine: 'sqlite' | 'postgres';
  /** `column` is one of the texts, given as one parameter however many there are. */
  amongTexts(column: string, values: readonly string[]): Expression<SqlBool>;
  amongIds(column: string, values: readonly number[]): Expression<SqlBool>;
  /** The JSON text of a column with another number under a name. */
  withNumber(column: string, name: string, value: number): RawBuilder<string>;
  /** Row locks; SQLite has none and needs none, because its transactions exclude each other. */
  readonly forUpdate: RawBuilder<unknown>;
  readonly forKeyShare: RawBuilder<unknown>;
  readonly skipLocked: RawBuilder<unknown>;
}

const NOTHING = sql``;

export const SQLITE: Grammar = {
  engine: 'sqlite',
  amongTexts: (column, values) =>
    sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
  amongIds: (column, values) =>
    sql<SqlBool>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`,
  withNumber: (column, name, value) => sql<string>`json_set(${sql.ref(column)}, ${`$.${name}`}, ${value})`,
  forUpdate: NOTHING,
  forKeyShare: NOTHING,
  skipLocked: NOTHING,
};

export const POSTGRES: Grammar = {
  engine: 'postgres',
  amongTexts: (column, values) => sql<SqlBool>`${sql.ref(column)} = any(${values}::text[])`,
  amongIds: (column, values) => sql<SqlBool>`${sql.ref(column)} = any(${values}::bigint[])`,
  withNumber: (column, name, value) =>
    sql<string>`jsonb_set(${sql.ref(column)}::jsonb, array[${name}]::text[], to_jsonb(${value}::bigint))::text`,
  forUpdate: sql`for update`,
  forKeyShare: sql`for key share`,
  skipLocked: sql`for no key update skip locked`,
};
