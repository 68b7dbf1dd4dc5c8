import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from 'kubernetes-types/autoscaling/v2.js';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';

const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Reference', (one) => `${one.spec?.scaleTargetRef.kind}/${one.spec?.scaleTargetRef.name}`),
    column('Targets', targets),
    column('MinPods', (one) => String(one.spec?.minReplicas ?? '<unset>')),
    column('MaxPods', (one) => one.spec?.maxReplicas ?? 0),
    column('Replicas', (one) => one.status?.currentReplicas ?? 0),
    ageColumn,
  ],
});

export const autoscalingKinds: readonly Kind[] = [horizontalPodAutoscaler];

function targets(one: HorizontalPodAutoscaler): string {
  const specs = one.spec?.metrics ?? [];
  if (specs.length === 0) return '<none>';
  const shown = specs.slice(0, 2).map((spec, index) => target(spec, one.status?.currentMetrics?.[index]));
  return specs.length > 2 ? `${shown.join(', ')} + ${specs.length - 2} more...` : shown.join(', ');
}

function target(spec: MetricSpec, status: MetricStatus | undefined): string {
  const current = status?.resource?.current;
  if (!spec.resource) return '<unknown>/<unknown>';
  if (spec.resource.target.averageValue)
    return `${spec.resource.name}: ${current?.averageValue ?? '<unknown>'}/${spec.resource.target.averageValue}`;
  const now = current?.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}%`;
  const wanted = spec.resource.target.averageUtilization;
  return `${spec.resource.name}: ${now}/${wanted === undefined ? '<auto>' : `${wanted}%`}`;
}
