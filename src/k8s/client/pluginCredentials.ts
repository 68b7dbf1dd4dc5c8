import { KubeConfig } from '@kubernetes/client-node';
import type { Loaded } from './kubeconfig.ts';

/** What client-node makes of a user: certificates, and headers that prove who we are. */
export interface Resolved {
  readonly ca?: unknown;
  readonly cert?: unknown;
  readonly key?: unknown;
  readonly servername?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * Credentials of an exec plugin or an identity provider, by client-node, which remembers what a plugin answered until
 * that expires. Imported on first use: the whole package is 868 modules, and most users need none of them.
 */
export function pluginCredentials({ cluster, user, context }: Loaded): () => Promise<Resolved> {
  const config = new KubeConfig();
  const currentContext = context.name;
  config.loadFromOptions({ clusters: [cluster], users: [user], contexts: [context], currentContext });
  return async () => {
    const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
    await config.applyToHTTPSOptions(options);
    return options as Resolved; // what client-node sets
  };
}
