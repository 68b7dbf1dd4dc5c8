import type { Cluster } from '../../../simulator/cluster/start.ts';

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

export interface Answered {
  readonly code: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; tests read what they expect of it. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of the API are checked by the assertions that read them.
  readonly body: any;
}

/** Calls the API as a client that is not kubectl. */
export function callerOf(cluster: Pick<Cluster, 'url' | 'token'>) {
  return async (path: string, init: RequestInit & { accept?: string } = {}): Promise<Answered> => {
    const headers = { authorization: `Bearer ${cluster.token}`, accept: init.accept ?? 'application/json' };
    const response = await fetch(`${cluster.url}${path}`, {
      ...init,
      headers: { ...headers, ...Object.fromEntries(new Headers(init.headers)) },
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
    return {
      code: response.status,
      headers: response.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    };
  };
}

/** The rows of a table as the cells under their column names. */
export function rowsOf(answered: Answered): readonly Record<string, unknown>[] {
  const names = answered.body.columnDefinitions.map((column: { name: string }) => column.name);
  return answered.body.rows.map((row: { cells: unknown[] }) =>
    Object.fromEntries(row.cells.map((cell, index) => [names[index], cell])),
  );
}
