import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** What a client that is built on node:http takes, so that it goes through one proxy, or through none. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** Options of an agent of Node (https://nodejs.org/api/http.html#built-in-proxy-support) that always uses this proxy. */
export function throughProxy(proxy: string | null): { readonly proxyEnv: Readonly<Record<string, string>> } {
  return { proxyEnv: proxy === null ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
}

export function agentsThrough(proxy: string | null): Agents {
  const options = { keepAlive: true, ...throughProxy(proxy) };
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
}
