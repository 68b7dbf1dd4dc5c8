import type { AlertRule } from './catalogue/alert.ts';
import { BUILD_ALERTS } from './catalogue/builds.ts';

/** Every alerting rule that is shipped, in the order of the files they end up in. */
export const ALERTS: readonly AlertRule[] = [...BUILD_ALERTS];
