import type { KubeObject, ObjectRef } from '../object.ts';
import type { Placement } from '../podObject.ts';

/** A pod on its way from Pending to Running. */
export interface Starting {
  readonly ref: ObjectRef;
  /** The pod it replaces; an unhealthy one makes this one unhealthy too. */
  readonly like: KubeObject | undefined;
  scheduledAt?: number;
  refusedAt?: number;
  placement?: Placement;
}

/** A Job the job controller runs. */
export interface JobRun {
  readonly ref: ObjectRef;
  readonly runMs?: number;
  /** Called when its pod runs: what it logs is up to whoever started it. */
  readonly onStart?: (pod: string, at: number) => void;
  pod?: ObjectRef;
  refusedAt?: number;
  logged?: boolean;
}
