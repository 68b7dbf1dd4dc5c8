import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { coerceError } from '../errors.ts';
import { throughProxy } from '../network/agents.ts';

const NAME = 'lambda-responder';

/** What a span may say: closed sets, numbers and our own ids, never text of alerts or people. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Starts sending spans over OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/). Without it every function of this file
 * does next to nothing, and the SDK is not even loaded. The receiver being down loses spans and nothing else.
 * @param endpoint base URL of an OTLP/HTTP receiver; spans go to `/v1/traces` below it
 * @param proxy they go through; null: none
 */
export async function startTracing(endpoint: string, proxy: string | null = null): Promise<{ close(): Promise<void> }> {
  const sdk = await import('./openTelemetry.ts');
  const exporter = new sdk.OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: 5_000,
    httpAgentOptions: { keepAlive: true, ...throughProxy(proxy) },
  });
  const provider = new sdk.TracerProvider({
    resource: sdk.resourceFromAttributes({ 'service.name': NAME }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, maxQueueSize: 2_048, scheduledDelayMillis: 1_000 })],
  });
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(new sdk.W3CTraceContextPropagator());
  context.setGlobalContextManager(new sdk.AsyncLocalStorageContextManager().enable());
  return {
    async close() {
      await provider.shutdown().catch(() => {});
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}

/**
 * Runs `work` as a span of the current trace, or of the one that `parent` (a W3C `traceparent`) names. What it throws
 * is thrown on, and marks the span with its code.
 */
export function inSpan<T>(
  name: string,
  attributes: SpanAttributes,
  work: () => Promise<T>,
  { parent = null, kind = 'internal' }: { readonly parent?: string | null; readonly kind?: keyof typeof KINDS } = {},
): Promise<T> {
  const from = parent === null ? context.active() : propagation.extract(context.active(), { traceparent: parent });
  return trace.getTracer(NAME).startActiveSpan(name, { kind: KINDS[kind], attributes }, from, async (span) => {
    try {
      return await work();
    } catch (thrown) {
      const { code } = coerceError(thrown);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      span.setAttribute('error.type', code);
      throw thrown;
    } finally {
      span.end();
    }
  });
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const;

/** The current span as a W3C `traceparent`, to be stored with work that is done later; null outside of a trace. */
export function traceparent(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** The id of the current trace, 32 hexadecimal digits; null outside of one. */
export function traceId(): string | null {
  return trace.getActiveSpan()?.spanContext().traceId.replace(/^0+$/, '') || null;
}
