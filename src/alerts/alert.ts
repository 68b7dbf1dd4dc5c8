/** Alertmanager's hash of an alert's label set, 16 hex digits; unique only within one sender. */
export type Fingerprint = string & { readonly __brand: 'Fingerprint' };

export type Labels = Readonly<Record<string, string>>;

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
  /** How many alerts Alertmanager left out (`truncatedAlerts`). */
  readonly truncatedAlerts: number;
  readonly alerts: readonly Alert[];
  readonly rejected: readonly RejectedAlert[];
  /** Epoch milliseconds at which we accepted the delivery. */
  readonly receivedAt: number;
  /** From 1: which part of a large delivery it is; absent when it is whole. */
  readonly slice?: number;
}

/** The identity of an alert across deliveries: two clusters can send the same labels. */
export function alertIdentity(alert: Pick<Alert, 'cluster' | 'fingerprint'>): string {
  return `${alert.cluster}/${alert.fingerprint}`;
}
