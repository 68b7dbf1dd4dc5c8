import { getGlobalDispatcher, install, setGlobalDispatcher } from 'undici';
import { dispatcherThrough } from './dispatcher.ts';
import type { ProxyFor } from './proxies.ts';

/**
 * Makes one `fetch` for the whole program (Node has another one in it), which goes through the proxies: whoever calls it
 * need not know of them.
 * @param proxyFor null: there are none
 * @returns what puts back the way out that there was
 */
export function installFetch(proxyFor: ProxyFor | null): () => Promise<void> {
  install();
  if (proxyFor === null) return async () => {};
  const before = getGlobalDispatcher();
  const through = dispatcherThrough(proxyFor);
  setGlobalDispatcher(through);
  return async () => {
    setGlobalDispatcher(before);
    await through.destroy();
  };
}
