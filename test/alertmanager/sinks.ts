import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in for everybody Alertmanager tells: each receiver has a path of its own. */
export interface Sinks {
  /** Where the receivers' webhooks lead, the receiver's name appended. */
  readonly url: string;
  /** `pager heard DiskFull firing`, each once, sorted. */
  heard(): readonly string[];
  close(): Promise<void>;
}

interface Body {
  readonly alerts: readonly { readonly status: string; readonly labels: { readonly alertname: string } }[];
}

export async function startSinks(): Promise<Sinks> {
  const heard = new Set<string>();
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      const receiver = request.url?.replace(/^\//, '');
      const { alerts }: Body = JSON.parse(text);
      for (const { status, labels } of alerts) heard.add(`${receiver} heard ${labels.alertname} ${status}`);
      response.writeHead(200, { connection: 'close' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A listening TCP server always has an address object.
  return {
    url: `http://127.0.0.1:${port}`,
    heard: () => [...heard].toSorted(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
