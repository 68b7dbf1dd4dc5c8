/** Alertmanager's hash of an alert's label set, 16 hex digits; unique only within one sender. */
export type Fingerprint = string & { readonly __brand: 'Fingerprint' };

export type Labels = Readonly<Record<string, string>>;

/** Where the sender itself shows the alert; only what it sent. */
export interface AlertLinks {
  readonly silence?: string;
  readonly panel?: string;
  readonly dashboard?: string;
  readonly image?: string;
}

/** One firing or resolved condition as Alertmanager reported it. Not an incident. */
export interface Alert {
  /** The `cluster` label, else the name configured for the sender's token, else `default`. */
  readonly cluster: string;
  readonly fingerprint: Fingerprint;
  readonly status: 'firing' | 'resolved';
  /** Label `alertname`. */
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Epoch milliseconds. A time in the future is clamped to the time of receipt, with `clockSkewMs` set. */
  readonly startsAt: number;
  /** Epoch milliseconds; null while firing. */
  readonly endsAt: number | null;
  readonly generatorUrl: string | null;
  /** Addresses that Grafana sends with its alerts; absent for other senders. */
  readonly links?: AlertLinks;
  /** What Grafana measured: `B=22, C=1`; absent when nothing was sent. */
  readonly values?: string;
  /** How far `startsAt` lay in the future, in milliseconds; 0 normally. */
  readonly clockSkewMs: number;
}

/** An alert of a delivery that could not be understood: kept, reported, never silently dropped. */
export interface RejectedAlert {
  readonly index: number;
  /** What is wrong, with the path, such as `alerts[3].labels.alertname: missing`. */
  readonly problem: string;
  /** The raw JSON, cut to 4 KiB. */
  readonly raw: string;
}

/** One webhook delivery, parsed. `groupKey` is the identity of the delivery and never decides an incident. */
export interface AlertGroup {
  readonly groupKey: string;
  /** Name of the sender as its token is configured: the actor of what these alerts cause. */
  readonly sender: string;
  /** The cluster configured for the sender's token, else `default`; an alert's own label wins over it. */
  readonly cluster: string;
  readonly receiver: string;
  readonly externalUrl: string | null;
  /** Whose alerts these are, where the delivery says so (one Mimir serves several); absent otherwise. */
  readonly tenant?: string;
  /** Grafana itself sent them, not an Alertmanager. */
  readonly isGrafana?: boolean;
  /** How many alerts Alertmanager left out (`truncatedAlerts`). */
  readonly truncatedAlerts: number;
  readonly alerts: readonly Alert[];
  readonly rejected: readonly RejectedAlert[];
  /** Epoch milliseconds at which we accepted the delivery. */
  readonly receivedAt: number;
  /** From 1: which part of a large delivery it is; absent when it is whole. */
  readonly slice?: number;
}
