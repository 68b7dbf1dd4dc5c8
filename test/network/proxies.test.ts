import { expect, test } from '@jest/globals';
import { readProxies } from '../../src/config/environment.ts';
import { proxyChooser } from '../../src/network/proxies.ts';

const PROXY = 'http://proxy.example.com:3128';

function through(url: string, noProxy: string, more: Readonly<Record<string, string>> = {}): string | null {
  const env = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: noProxy, ...more };
  return proxyChooser(readProxies(env))?.(new URL(url)) ?? null;
}

test.each([
  ['https://slack.com/api/', ''],
  ['wss://wss-primary.slack.com/link', 'example.com'],
  ['https://10.1.2.3', '10.1.3.0/24'],
  ['https://notexample.com', 'example.com'],
  ['https://example.com:8443', 'example.com:443'],
  ['https://[2001:db8::1]', '2001:db9::/32'],
  ['https://prometheus.monitoring.svc', 'cluster.local'],
  ['https://slack.com', '10.0.0.0/99, ,/8'],
])('%s goes through the proxy where NO_PROXY is "%s"', (url, noProxy) => {
  expect(through(url, noProxy)).toBe(PROXY);
});

test.each([
  ['https://slack.com', '*'],
  ['https://10.96.0.1', 'localhost,10.96.0.0/12'],
  ['https://10.96.0.1:443', '10.96.0.1'],
  ['https://[2001:db8::1]:6443', '2001:db8::/32'],
  ['https://[2001:db8::1]:6443', '[2001:db8::1]:6443'],
  ['https://[2001:db8::1]', '2001:db8::1'],
  ['https://prometheus.monitoring.svc', '.svc'],
  ['https://prometheus.monitoring.svc.', '.SVC,.cluster.local'],
  ['https://API.Example.com', 'example.com'],
  ['https://example.com', '.example.com'],
  ['https://a.example.com', '*.example.com'],
  ['https://example.com', 'other.com example.com:443'],
  ['http://example.com', 'example.com:80'],
  ['http://127.0.0.1:3000', ''],
  ['http://127.8.8.8', ''],
  ['https://[::1]:6443', ''],
  ['http://localhost:9090', ''],
])('%s is reached without one where NO_PROXY is "%s"', (url, noProxy) => {
  expect(through(url, noProxy)).toBeNull();
});

test('each protocol has its own variable, small letters count before capitals, and an address may come without a scheme', () => {
  const env = { https_proxy: 'small.example.com:1', HTTPS_PROXY: 'http://big.example.com:2' };
  const proxyFor = proxyChooser(readProxies(env));
  expect(proxyFor?.(new URL('https://a.test'))).toBe('http://small.example.com:1');
  expect(proxyFor?.(new URL('wss://a.test'))).toBe('http://small.example.com:1');
  expect(proxyFor?.(new URL('http://a.test'))).toBeNull();
  expect(proxyChooser(readProxies({ NO_PROXY: 'a.test' }))).toBeNull();
});

test('an address that is no HTTP proxy is an error that does not repeat its password', () => {
  const read = () => readProxies({ HTTPS_PROXY: 'socks5://me:sesame-1@proxy:1080' });
  expect(read).toThrow('HTTPS_PROXY: not the address of an HTTP proxy');
  expect(read).not.toThrow('sesame');
});
