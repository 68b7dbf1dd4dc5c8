import { isIP } from 'node:net';
import { z } from 'zod';

/** An address people or we open: any other scheme (`javascript:`, `file:`) would be a link that does something else. */
export const webAddress = z.url({
  protocol: /^https?$/,
  error: 'not an http or https URL; write it like https://host/path',
});

/** Headers that browsers, libraries, proxies and tracers send without a login. */
const ANYBODY_SENDS = new Set([
  ...['authorization', 'cookie', 'host', 'user-agent', 'referer', 'origin', 'from', 'date', 'via', 'forwarded', 'dnt'],
  ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'upgrade-insecure-requests'],
  ...['expect', 'range', 'cache-control', 'pragma', 'priority', 'max-forwards', 'save-data', 'downlink', 'ect', 'rtt'],
  ...['x-real-ip', 'x-client-ip', 'true-client-ip', 'x-cluster-client-ip', 'x-original-uri', 'x-original-url'],
  ...['x-request-id', 'x-correlation-id', 'x-request-start', 'x-scheme', 'x-requested-with', 'x-csrf-token'],
  ...['traceparent', 'tracestate', 'baggage', 'x-amzn-trace-id', 'x-cloud-trace-context', 'cdn-loop', 'cf-ray'],
  ...['cf-connecting-ip', 'cf-ipcountry', 'cf-visitor', 'device-memory', 'viewport-width', 'width', 'dpr'],
]);
const ANYBODY_SENDS_LIKE =
  /^(accept|access-control-|alt-|content-|if-|proxy-|sec-|x-b3-|x-envoy-|x-forwarded-(?!user|email|preferred-username|login|groups))/;

/** A header whose mere presence says that a proxy knows who asks. */
export const identityHeader = z.string().superRefine((value, context) => {
  const message = problemOf(value.toLowerCase());
  if (message !== null) context.addIssue({ code: 'custom', message });
});

function problemOf(name: string): string | null {
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) return 'not the name of a header; write it like X-Forwarded-User';
  if (!ANYBODY_SENDS.has(name) && !ANYBODY_SENDS_LIKE.test(name)) return null;
  return `clients send ${name} without anybody having logged in, so it would open the pages to all; name the header only your proxy sets, such as X-Forwarded-User or X-Auth-Request-User`;
}

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. */
export const network = z.string().superRefine((value, context) => {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
  if (family === 0 || !fits || rest.length > 0)
    context.addIssue({
      code: 'custom',
      message: 'not an address or a network; write it like 10.0.0.7 or 10.0.0.0/8 (/0 would trust everybody)',
    });
});
