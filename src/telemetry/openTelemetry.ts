/** The parts of the OpenTelemetry SDK that tracing needs, imported when a receiver of spans is configured. */
export { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
export { W3CTraceContextPropagator } from '@opentelemetry/core';
export { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
export { resourceFromAttributes } from '@opentelemetry/resources';
export { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
