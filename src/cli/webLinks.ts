import { coerceError } from '../errors.ts';
import type { LinkProblem } from '../playbooks/ruleLint.ts';

const TIMEOUT_MS = 4_000;
const MOST = 300;

/**
 * Asks the web whether a link is alive, once for each address. Gone is what the server says is gone; a page that wants
 * a sign-in is alive; a server that cannot be reached from here is only noted. Redirects are followed.
 */
export function webLinks(fetcher: typeof fetch, signal: AbortSignal): (url: string) => Promise<LinkProblem | null> {
  const known = new Map<string, Promise<LinkProblem | null>>();
  const silent = new Set<string>();
  const look = async (url: string): Promise<LinkProblem | null> => {
    const { host } = new URL(url);
    if (silent.has(host)) return { level: 'notice', problem: 'could not be checked: its server does not answer' };
    try {
      let status = await ask(url, 'HEAD', fetcher, signal);
      // Some servers answer GET only.
      if (status === 404 || status === 405 || status === 501) status = await ask(url, 'GET', fetcher, signal);
      if (status === 404 || status === 410)
        return { level: 'warning', problem: `is dead: its server answers ${status}` };
      return status < 500 ? null : { level: 'notice', problem: `could not be checked: its server answers ${status}` };
    } catch (thrown) {
      signal.throwIfAborted();
      silent.add(host);
      return { level: 'notice', problem: `could not be checked (${coerceError(thrown).code})` };
    }
  };
  return (url) => {
    const address = url.replace(/#.*$/, '');
    const found = known.get(address);
    if (found) return found;
    if (known.size >= MOST) return Promise.resolve(null);
    const asked = look(address);
    known.set(address, asked);
    return asked;
  };
}

async function ask(url: string, method: 'HEAD' | 'GET', fetcher: typeof fetch, signal: AbortSignal): Promise<number> {
  const response = await fetcher(url, {
    method,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    headers: { 'user-agent': 'lambda-responder' },
  });
  await response.body?.cancel();
  return response.status;
}
