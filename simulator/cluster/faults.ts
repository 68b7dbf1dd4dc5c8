/** Which requests a fault concerns; everything when nothing is said. */
export interface Matching {
  /** Plural of the resource, such as `pods`; `pods/log` for logs. */
  readonly resource?: string;
  readonly namespace?: string;
  /** Ends by itself after this many requests. */
  readonly times?: number;
}

export type Fault =
  /** Milliseconds by which answers are delayed. */
  | ({ readonly kind: 'latency'; readonly ms: number } & Matching)
  /** Answers with this HTTP status, worded as the server words it. */
  | ({ readonly kind: 'status'; readonly code: number; readonly retryAfterSeconds?: number } & Matching)
  /** The connection is reset before an answer; `afterBytes` resets in the middle of one. */
  | ({ readonly kind: 'reset'; readonly afterBytes?: number } & Matching)
  /** The user may read nothing in this namespace, nor across all namespaces. */
  | { readonly kind: 'forbidden_namespace'; readonly namespace: string }
  /** metrics.k8s.io is registered, but nothing answers behind it. `absent`: not even registered. */
  | { readonly kind: 'no_metrics_server'; readonly absent?: boolean }
  /** etcd elects a leader: requests hang until it is over, then fail as the server words it. */
  | ({ readonly kind: 'stall'; readonly ms: number } & Matching);

/** The faults in force. */
export class Faults {
  readonly #active = new Map<Fault, { left: number; since: number }>();
  readonly #met = new Map<Fault['kind'], number>();

  /** @returns a function that ends this fault. */
  add(fault: Fault, now: number): () => void {
    const times = 'times' in fault ? fault.times : undefined;
    this.#active.set(fault, { left: times ?? Number.POSITIVE_INFINITY, since: now });
    return () => this.#active.delete(fault);
  }

  clear(): void {
    this.#active.clear();
  }

  all(): readonly Fault[] {
    return [...this.#active.keys()];
  }

  /** Number of requests so far that met a fault of this kind. */
  met(kind: Fault['kind']): number {
    return this.#met.get(kind) ?? 0;
  }

  /** When the fault began, epoch milliseconds. */
  since(fault: Fault): number {
    return this.#active.get(fault)?.since ?? 0;
  }

  /** The faults that concern a request; each of them is used up by one. */
  take(request: { readonly resource: string; readonly namespace: string | undefined }): readonly Fault[] {
    const taken: Fault[] = [];
    for (const [fault, state] of this.#active) {
      if ('resource' in fault && fault.resource !== undefined && fault.resource !== request.resource) continue;
      if ('namespace' in fault && fault.namespace !== undefined && fault.namespace !== request.namespace) continue;
      taken.push(fault);
      this.#met.set(fault.kind, this.met(fault.kind) + 1);
      if (--state.left <= 0) this.#active.delete(fault);
    }
    return taken;
  }
}
