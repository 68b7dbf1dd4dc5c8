import { truth } from '../alerts/truth.ts';
import type { IncidentWithAlerts } from './incident.ts';

/**
 * The incident in one plain line for a lock screen: `SEV2 BuildOOMKilled image-resizer · prod · 3 pods · 4 min`. Not
 * escaped for any place; whoever shows it cuts it to its limit. Rule: RULES.md, "Who is told, and how".
 */
export function headline({ incident, alerts }: IncidentWithAlerts, now: number): string {
  const pods = new Set(alerts.map((alert) => truth(alert.labels).pod).filter((pod) => pod));
  const parts = [
    `${incident.severity.toUpperCase()} ${incident.title}`,
    incident.cluster === 'default' ? incident.namespace : incident.cluster,
    pods.size > 0 ? `${pods.size} ${pods.size === 1 ? 'pod' : 'pods'}` : null,
    incident.status === 'open' ? null : incident.status,
    span((incident.resolvedAt ?? now) - incident.startedAt),
  ];
  return parts.filter((part) => part !== null && part !== '').join(' · ');
}

function span(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
