import type { Engine } from './engine.ts';

const HEAD_CHARACTERS = 64 * 1024;

export interface NewRejectedBody {
  readonly sender: string;
  /** Bytes of the whole body. */
  readonly size: number;
  readonly reason: string;
  /** The beginning of the body, cut to 64 KiB and redacted here. */
  readonly head: string;
  readonly at: number;
}

export interface RejectedBody extends NewRejectedBody {
  readonly id: number;
}

/** The durable record of bodies refused for good (400, 413). */
export interface RejectedBodies {
  keep(body: NewRejectedBody): Promise<{ readonly id: number }>;
  /** Newest first. */
  list(limit: number): Promise<readonly RejectedBody[]>;
}

export function createRejectedBodies(engine: Engine, redact: (text: string) => string): RejectedBodies {
  return {
    keep: (body) =>
      engine.write(async (tx) => {
        const { sender, size, reason, at } = body;
        return tx.db
          .insertInto('rejected_bodies')
          .values({ sender, size, reason: redact(reason), head: redact(body.head.slice(0, HEAD_CHARACTERS)), at })
          .returning('id')
          .executeTakeFirstOrThrow();
      }),
    list: (limit) =>
      engine.read((db) => db.selectFrom('rejected_bodies').selectAll().orderBy('id', 'desc').limit(limit).execute()),
  };
}
