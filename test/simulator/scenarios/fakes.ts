import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  EventDraft,
  KubeObject,
  LogDraft,
  ObjectRef,
  ScenarioWorld,
  UsageDraft,
} from '../../../simulator/scenarios/worldPort.ts';
import { refOf } from '../../../simulator/scenarios/worldPort.ts';

/** A cluster that only remembers. */
export class RememberedWorld implements ScenarioWorld {
  readonly objects = new Map<string, KubeObject>();
  readonly events: EventDraft[] = [];
  readonly logs: LogDraft[] = [];
  readonly usages: UsageDraft[] = [];

  apply(object: KubeObject): void {
    this.objects.set(key(refOf(object)), structuredClone(object));
  }
  patchStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>): void {
    const object = this.objects.get(key(ref));
    if (object) object.status = { ...(object.status as object), ...status };
  }
  remove(ref: ObjectRef): void {
    this.objects.delete(key(ref));
  }
  get(ref: ObjectRef): KubeObject | undefined {
    return this.objects.get(key(ref));
  }
  list(kind: { apiVersion: string; kind: string }, namespace?: string): readonly KubeObject[] {
    return [...this.objects.values()].filter(
      (one) =>
        one.kind === kind.kind &&
        one.apiVersion === kind.apiVersion &&
        (namespace === undefined || one.metadata.namespace === namespace),
    );
  }
  event(event: EventDraft): void {
    this.events.push(event);
  }
  log(log: LogDraft): void {
    this.logs.push(log);
  }
  usage(usage: UsageDraft): void {
    this.usages.push(usage);
  }
}

function key(ref: ObjectRef): string {
  return `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** A clock that stands still until told. */
export class ManualClock {
  #now: number;
  constructor(start = Date.parse('2026-02-02T10:00:00Z')) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

export interface WebhookPayload {
  readonly version: string;
  readonly groupKey: string;
  readonly status: string;
  readonly truncatedAlerts: number;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly startsAt: string;
    readonly endsAt: string;
    readonly generatorURL: string;
    readonly fingerprint: string;
  }[];
}

/** A webhook receiver that answers what it is told to. */
export async function startReceiver() {
  const received: WebhookPayload[] = [];
  const authorizations: (string | undefined)[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = answers.shift() ?? 200;
      authorizations.push(request.headers.authorization);
      if (status === 200) received.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    authorizations,
    answers,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
