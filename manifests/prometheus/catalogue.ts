import type { AlertRule } from './catalogue/alert.ts';
import { BUILD_ALERTS } from './catalogue/builds.ts';
import { CONTROL_PLANE_ALERTS } from './catalogue/controlPlane.ts';
import { FUNCTION_ALERTS } from './catalogue/functions.ts';
import { GROWTH_ALERTS } from './catalogue/growth.ts';
import { OPERATOR_ALERTS } from './catalogue/operator.ts';
import { PLATFORM_ALERTS } from './catalogue/platform.ts';
import { QUEUE_ALERTS } from './catalogue/queue.ts';
import { RESPONDER_ALERTS } from './catalogue/responder.ts';
import { SERVING_ALERTS } from './catalogue/serving.ts';

/** The groups of alerting rules that are shipped, each a file. */
export const ALERT_GROUPS: Readonly<Record<string, readonly AlertRule[]>> = {
  builds: BUILD_ALERTS,
  'control-plane': CONTROL_PLANE_ALERTS,
  growth: GROWTH_ALERTS,
  functions: FUNCTION_ALERTS,
  queue: QUEUE_ALERTS,
  platform: PLATFORM_ALERTS,
  'knative-serving': SERVING_ALERTS,
  'knative-operator': OPERATOR_ALERTS,
  responder: RESPONDER_ALERTS,
};

/** Every alerting rule that is shipped. */
export const ALERTS: readonly AlertRule[] = Object.values(ALERT_GROUPS).flat();
