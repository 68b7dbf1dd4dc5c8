import { z } from 'zod';
import { coerceError, ResponderError } from '../errors.ts';
import type { SeriesCatalogue } from '../playbooks/rules/prometheus.ts';

const TIMEOUT_MS = 10_000;
const answer = z.object({ data: z.array(z.string()) });

/**
 * Label values known to a Prometheus or a server with its API (Thanos, Mimir, VictoriaMetrics), queried once for each
 * metric and label. User and password may be in the address.
 * @throws ResponderError `bad_input` for an address that is none; from the calls `unreachable`, `timeout`,
 * `unauthorized`, `unavailable`.
 */
export function seriesOf(address: string, fetcher: typeof fetch, signal: AbortSignal): SeriesCatalogue {
  if (!/^https?:/.test(address) || !URL.canParse(address))
    throw new ResponderError('bad_input', `--prometheus ${address} is not a URL`, { hint: 'http://host:9090' });
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const base = url.href.replace(/\/+$/, '');
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers: Record<string, string> = username
    ? { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
    : {};
  const known = new Map<string, Promise<readonly string[]>>();

  const ask = async (metric: string, label: string): Promise<readonly string[]> => {
    const query = new URLSearchParams({ 'match[]': `{__name__=${JSON.stringify(metric)}}` });
    let response: Response;
    try {
      response = await fetcher(`${base}/api/v1/label/${encodeURIComponent(label)}/values?${query}`, {
        headers,
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
    } catch (thrown) {
      const { code } = coerceError(thrown);
      throw new ResponderError(code === 'internal' ? 'unreachable' : code, `Prometheus at ${base} does not answer`, {
        cause: thrown,
      });
    }
    if (response.ok) {
      const body = answer.safeParse(await response.json().catch(() => null));
      if (body.success) return body.data.data;
      throw new ResponderError('unavailable', `${base} does not answer as a Prometheus does`);
    }
    await response.body?.cancel();
    const code = response.status === 401 || response.status === 403 ? 'unauthorized' : 'unavailable';
    throw new ResponderError(code, `Prometheus at ${base} answered ${response.status}`);
  };
  return {
    labelValues(metric, label) {
      const key = JSON.stringify([metric, label]);
      const values = known.get(key) ?? ask(metric, label);
      known.set(key, values);
      return values;
    },
  };
}
