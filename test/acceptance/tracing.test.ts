import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const sent = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(z.object({ spans: z.array(z.object({ traceId: z.string(), name: z.string() })) })),
    }),
  ),
});
type Span = { readonly traceId: string; readonly name: string };

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A receiver of OTLP over HTTP with JSON bodies (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
async function startCollector(): Promise<{ readonly url: string; readonly spans: readonly Span[] }> {
  const spans: Span[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { resourceSpans } = sent.parse(JSON.parse(body));
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  open.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, spans };
}

async function start(env: Readonly<Record<string, string>>): Promise<Product> {
  const product = await startProduct(env);
  open.push(product);
  return product;
}

test('one trace leads from the webhook to the post in Slack; log lines and timeline carry its id', async () => {
  const collector = await startCollector();
  const product = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const response = await fetch(`${product.app.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer acceptance-token',
      'content-type': 'application/json',
      traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify(delivery([alert('TracedOutage', { deployment: 'checkout' })])),
  });
  expect(response.status).toBe(200);

  const names = () => collector.spans.filter(({ traceId }) => traceId === TRACE).map(({ name }) => name);
  await until('the spans from webhook to card', async () =>
    ['POST /webhooks/alertmanager', 'job handleAlertGroup', 'job deliverCard', 'slack chat.postMessage'].every((name) =>
      names().includes(name),
    ),
  );
  await until('the spans of the first look', async () =>
    ['job firstLook', 'kubernetes GET'].every((name) => names().includes(name)),
  );
  expect(product.log()).toContain(`"trace":"${TRACE}"`);
  const incidents: { incidents: { number: number; title: string }[] } = await (
    await product.api('/api/incidents')
  ).json();
  const number = incidents.incidents.find(({ title }) => title.includes('TracedOutage'))?.number;
  const { timeline }: { timeline: { detail: { trace?: string } }[] } = await (
    await product.api(`/api/incidents/${number}`)
  ).json();
  expect(timeline[0]?.detail.trace).toBe(TRACE);
}, 180_000);

test('a receiver of traces that is down costs nothing but the traces', async () => {
  const product = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  expect(await product.deliver(delivery([alert('UntracedOutage')]))).toBe(200);
  await until('the card', async () =>
    (await product.workspace.messages('#incidents')).some((message) => shown(message).includes('UntracedOutage')),
  );
}, 180_000);
