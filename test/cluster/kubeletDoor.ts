import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, fetch } from 'undici';
import type { LogBook, LogLine, LogTarget } from '../../simulator/cluster/logBook.ts';
import type { Usage, Used } from './metricsServer.ts';

/** What a test tells the kubelet: a JSON object by `POST /test`, so that a cluster started by hand can be told as well. */
export interface Told {
  readonly logs?: readonly (LogTarget & { readonly lines: readonly LogLine[] })[];
  readonly nodes?: Readonly<Record<string, Used>>;
  readonly pods?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly containers: Readonly<Record<string, Used>>;
  }[];
  /** Nodes whose kubelet sends no Lease any more: each is NotReady after about 40 s. */
  readonly silence?: readonly string[];
  /** Nodes whose kubelet is back. */
  readonly wake?: readonly string[];
}

export interface Played {
  readonly logs: LogBook;
  readonly usage: Usage;
  readonly silent: Set<string>;
}

/** Takes what a test tells; false when the request is about something else. */
export function answerPlayed(played: Played, url: URL, request: IncomingMessage, response: ServerResponse): boolean {
  if (url.pathname !== '/test') return false;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    play(played, JSON.parse(Buffer.concat(chunks).toString()) as Told); // Only `tellKubelet` writes to it.
    response.writeHead(204).end();
  });
  return true;
}

function play({ logs, usage, silent }: Played, told: Told): void {
  for (const { lines, ...target } of told.logs ?? []) logs.write(target, lines);
  for (const [node, used] of Object.entries(told.nodes ?? {})) usage.node(node, used);
  for (const { namespace, name, containers } of told.pods ?? []) usage.pod(namespace, name, containers);
  for (const node of told.silence ?? []) silent.add(node);
  for (const node of told.wake ?? []) silent.delete(node);
}

const anyCertificate = new Agent({ connect: { rejectUnauthorized: false } });

/** Tells the kubelet on a port of loopback. */
export async function tellKubelet(port: number, told: Told): Promise<void> {
  const response = await fetch(`https://127.0.0.1:${port}/test`, {
    method: 'POST',
    dispatcher: anyCertificate,
    body: JSON.stringify(told),
  });
  if (response.status !== 204) throw new Error(`the kubelet on port ${port} answered ${response.status}`);
}
