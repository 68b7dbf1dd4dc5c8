import { BlockList, isIP, isIPv6 } from 'node:net';

/** The proxies of the environment, as curl, kubectl and most programs read them. */
export interface Proxies {
  /** For https and wss; null: none. Holds the proxy's password where it has one. */
  readonly https: string | null;
  /** For http and ws. */
  readonly http: string | null;
  /** What is reached without them, as NO_PROXY lists it. */
  readonly except: readonly string[];
}

/** The proxy an address is reached through; null: none. */
export type ProxyFor = (url: URL) => string | null;

type Exception = (host: string, port: string) => boolean;

/**
 * Chooses as kubectl does (https://pkg.go.dev/golang.org/x/net/http/httpproxy): localhost and loopback addresses never go
 * through a proxy, which could not reach them; an entry of NO_PROXY is `*`, an address, a range (`10.0.0.0/8`), or a domain
 * with all below it (`example.com`, `.svc`), each with a port or without. Names are not resolved for it.
 * Null when there is no proxy at all.
 */
export function proxyChooser({ https, http, except }: Proxies): ProxyFor | null {
  if (https === null && http === null) return null;
  const exceptions = except.map(exceptionOf);
  return (url) => {
    const secure = url.protocol === 'https:' || url.protocol === 'wss:';
    const proxy = secure ? https : http;
    const host = nameOf(url.hostname);
    if (proxy === null || host === 'localhost' || isLoopback(host)) return null;
    const port = url.port || (secure ? '443' : '80');
    return exceptions.some((matches) => matches(host, port)) ? null : proxy;
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  return isIP(host) !== 0 && LOOPBACK.check(host, familyOf(host));
}

function exceptionOf(text: string): Exception {
  const entry = text.toLowerCase();
  if (entry === '*') return () => true;
  const range = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (range) return rangeOf(range[1] ?? '', Number(range[2]));
  // An IPv6 address has colons of its own: its port stands behind brackets.
  const [, name = entry, port = null] = isIPv6(entry) ? [] : (/^(.+?)(?::(\d+))?$/.exec(entry) ?? []);
  const domain = nameOf(name.replace(/^\*?\./, ''));
  return (host, asked) =>
    (port === null || port === asked) && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)));
}

/** A range that is none matches nothing. */
function rangeOf(network: string, prefix: number): Exception {
  const list = new BlockList();
  try {
    list.addSubnet(network, prefix, familyOf(network));
  } catch {
    return () => false;
  }
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Without the brackets of an IPv6 address, and without the dot that only says that the name is complete. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.+)\]$/, '$1')
    .replace(/(?<=.)\.$/, '');
}
