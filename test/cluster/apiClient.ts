import { Agent, fetch } from 'undici';

/** A Kubernetes object as JSON; tests know the shapes they read. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    ownerReferences?: readonly Record<string, unknown>[];
    [key: string]: unknown;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the tests read objects of every kind
  spec?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  status?: any;
  [key: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One user of an API server. */
export interface ApiClient {
  /** Any call; a body is sent as JSON, `type` is its media type. Never throws for a status. */
  call(method: string, path: string, body?: unknown, type?: string, accept?: string): Promise<Answer>;
  /** @throws Error for every status but 2xx, with what the server said */
  // biome-ignore lint/suspicious/noExplicitAny: the caller names the shape it reads
  json<T = any>(method: string, path: string, body?: unknown, type?: string): Promise<T>;
  /** The lines of a watch as they come, until the signal. */
  watch(
    path: string,
    onEvent: (event: { type: string; object: KubeObject }) => void,
    signal: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

export const MERGE = 'application/merge-patch+json';
export const APPLY = 'application/apply-patch+yaml';

export function createApiClient(server: string, token: string, ca: string): ApiClient {
  const dispatcher = new Agent({ connect: { ca }, connections: 64, bodyTimeout: 0 });
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'lambda-responder-tests' };
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
    accept = 'application/json',
  ) => {
    const response = await fetch(`${server}${path}`, {
      method,
      dispatcher,
      headers: { ...headers, accept, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    return { status: response.status, text: await response.text() };
  };
  return {
    call,
    async json(method, path, body, type) {
      const { status, text } = await call(method, path, body, type);
      if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 600)}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async watch(path, onEvent, signal) {
      const response = await fetch(`${server}${path}`, { dispatcher, headers, signal });
      if (!response.ok || !response.body) throw new Error(`watch ${path}: ${response.status}`);
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body) {
        rest += decoder.decode(chunk, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line) onEvent(JSON.parse(line));
      }
    },
    close: () => dispatcher.destroy(),
  };
}
