import { alertAnnotations, alertLabels } from '../../../manifests/prometheus/alertText.ts';
import { ALERTS } from '../../../manifests/prometheus/catalogue.ts';
import type { Era } from '../../../manifests/prometheus/names.ts';
import { namesOf } from '../../../manifests/prometheus/names.ts';
import type { PlatformNames } from '../names.ts';
import type { ScenarioAlert } from '../scenario.ts';
import { expandTemplate } from './annotations.ts';

/** An alert as Prometheus hands it to Alertmanager. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number | null;
  readonly generatorUrl: string;
}

export interface RuleContext {
  readonly profile: PlatformNames['profile'];
  readonly era: Era;
  readonly prometheusUrl: string;
  /** Labels Prometheus adds to every alert, such as `cluster`. */
  readonly externalLabels: Readonly<Record<string, string>>;
}

/**
 * The alert that a shipped rule makes of a condition: labels, expanded annotations, and the link to its graph. Throws
 * when no shipped rule has that name, so that a scenario cannot fire an alert that is never received in reality.
 */
export function shippedAlert(alert: ScenarioAlert, startsAt: number, context: RuleContext): PostedAlert {
  const rule = ALERTS.find(
    (one) => one.name === alert.name && (alert.severity === undefined || one.severity === alert.severity),
  );
  const expression = rule?.expr(namesOf(context.profile, context.era));
  if (!rule || !expression) throw new Error(`no shipped rule ${alert.name} in profile ${context.profile}`);
  const labels = { ...context.externalLabels, ...alert.labels, ...alertLabels(rule) };
  const annotations = Object.entries(alertAnnotations(rule)).map(([name, template]) => [
    name,
    expandTemplate(template, labels, alert.value ?? 1),
  ]);
  const query = new URLSearchParams({ 'g0.expr': expression, 'g0.tab': '1' });
  return {
    labels,
    annotations: Object.fromEntries(annotations),
    startsAt,
    endsAt: null,
    generatorUrl: `${context.prometheusUrl}/graph?${query}`,
  };
}
