/** The CPU throttling of a container. */
export interface Throttled {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Share of the CPU periods of the last five minutes in which it was held back, 0 to 1. */
  readonly ratio: number;
}

/** Requests to one revision of Knative or one pod over five minutes, as its own side counts them. */
export interface Served {
  readonly namespace: string;
  readonly revision: string | null;
  readonly pod: string | null;
  readonly perSecond: number;
  /** Share that ended with a 5xx, 0 to 1. */
  readonly errors: number;
  /** Null when it is not measured, or when there was no request. */
  readonly p95Seconds: number | null;
}

/** The same now and an hour before the trouble began; `before` is null where it could not be read. */
export interface Requests {
  readonly now: readonly Served[];
  readonly before: readonly Served[] | null;
}

/** Measurements that objects do not carry. App wires Prometheus to it; without one they are unknown. */
export interface Metrics {
  /** Containers of a namespace that have a CPU limit, by cAdvisor's series. @throws what the server's reads throw */
  throttling(namespace: string, signal: AbortSignal): Promise<readonly Throttled[]>;
  /** Requests to revisions and pods of a namespace, so many ms ago; null where nobody counts them. @throws what the server's reads throw */
  requests(namespace: string, agoMs: number, signal: AbortSignal): Promise<readonly Served[] | null>;
}

/** How many messages wait in a queue. */
export interface Depth {
  readonly queue: string;
  readonly messages: number;
}

/** The queues behind Brokers and Triggers. App wires RabbitMQ's series in Prometheus to it. */
export interface Queues {
  /** Queues, the deepest first; null where queues are not measured. @throws what the server's reads throw */
  depths(signal: AbortSignal): Promise<readonly Depth[] | null>;
}
