/** How much a container was held back by its CPU limit. */
export interface Throttled {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Share of the CPU periods of the last five minutes in which it was held back, 0 to 1. */
  readonly ratio: number;
}

/** What objects do not tell and a metrics server does. App wires Prometheus to it; without one the answer is not known. */
export interface Metrics {
  /** Containers of a namespace that have a CPU limit, by cAdvisor's series. @throws what the server's reads throw */
  throttling(namespace: string, signal: AbortSignal): Promise<readonly Throttled[]>;
}

/** How many messages wait in a queue. */
export interface Depth {
  readonly queue: string;
  readonly messages: number;
}

/** The queues behind Brokers and Triggers. App wires RabbitMQ's series in Prometheus to it. */
export interface Queues {
  /** The deepest first; null where nobody measures queues. @throws what the server's reads throw */
  depths(signal: AbortSignal): Promise<readonly Depth[] | null>;
}
