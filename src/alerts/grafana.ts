import { z } from 'zod';
import type { Alert, AlertLinks } from './alert.ts';
import { cleanText } from './storableText.ts';

const text = z.string().nullish().catch(null);

/**
 * What Grafana adds to an alert; none of it is worth refusing the alert for.
 * Source: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export const SENT_BY_GRAFANA = {
  silenceURL: text,
  panelURL: text,
  dashboardURL: text,
  imageURL: text,
  values: z.record(z.string(), z.unknown()).nullish().catch(null),
  valueString: text,
};

type Sent = Readonly<{
  [name in keyof typeof SENT_BY_GRAFANA]?: z.output<(typeof SENT_BY_GRAFANA)[name]> | undefined;
}>;

const MAX_VALUES = 8;
const MAX_VALUES_TEXT = 300;
const MAX_URL = 2_000;

/** The addresses and values of one alert, as far as they were sent. */
export function sentByGrafana(sent: Sent): Pick<Alert, 'links' | 'values'> {
  const links = Object.entries({
    silence: sent.silenceURL,
    panel: sent.panelURL,
    dashboard: sent.dashboardURL,
    image: sent.imageURL,
  }).flatMap(([name, url]) => (url && url.length <= MAX_URL ? [[name, cleanText(url)]] : []));
  const values = valuesOf(sent);
  return { links: Object.fromEntries(links), ...(values ? { values } : {}) };
}

/** The links in Grafana's own field names: the inverse of {@link sentByGrafana}. */
export function sentLinks({ silence, panel, dashboard, image }: AlertLinks): Sent {
  return { silenceURL: silence, panelURL: panel, dashboardURL: dashboard, imageURL: image };
}

function valuesOf({ values, valueString }: Sent): string {
  const told = Object.entries(values ?? {})
    .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
    .slice(0, MAX_VALUES)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`);
  return cleanText(told.length > 0 ? told.join(', ') : (valueString ?? ''), MAX_VALUES_TEXT);
}
