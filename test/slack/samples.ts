import type { PlaybookView } from '../../src/commands/ports.ts';
import type { Incident, IncidentAlert, IncidentWithAlerts } from '../../src/incidents/incident.ts';
import type { CardView } from '../../src/slack/render/card.ts';
import { fingerprint, incidentAlertAt, incidentAt } from '../builders/incidents.ts';

export const START = Date.UTC(2025, 10, 24, 3, 30);

export function incident(parts: Partial<Incident> = {}): Incident {
  return incidentAt(START, {
    openedAt: START + 30_000,
    playbookId: 'knative-lambda/BuildOOMKilled',
    ...parts,
  });
}

export function alert(parts: Partial<IncidentAlert> = {}): IncidentAlert {
  return incidentAlertAt(START + 30_000, {
    fingerprint: fingerprint('00a1b2c3d4e5f607'),
    labels: {
      alertname: 'BuildOOMKilled',
      namespace: 'knative-lambda-builds',
      pod: 'image-resizer-build-1761132332-x7k2p',
      severity: 'critical',
    },
    annotations: { summary: 'The build of image-resizer ran out of memory' },
    startsAt: START,
    generatorUrl: 'http://prometheus.example/graph?g0.expr=up&g0.tab=1',
    externalUrl: 'http://alertmanager.example',
    ...parts,
  });
}

export function known(
  incidentParts: Partial<Incident> = {},
  alerts: readonly IncidentAlert[] = [alert()],
): IncidentWithAlerts {
  return { incident: incident(incidentParts), alerts };
}

export function playbook(parts: Partial<PlaybookView> = {}): PlaybookView {
  return {
    id: 'knative-lambda/BuildOOMKilled',
    title: 'BuildOOMKilled',
    url: 'https://runbooks.example/BuildOOMKilled',
    owner: 'team-lambda',
    steps: [
      { index: 0, text: 'See which build died', commands: ['diag jobs'], automatic: true },
      { index: 1, text: 'Read its last lines', commands: ['diag logs'], automatic: true },
      { index: 2, text: 'Raise the memory limit', commands: [], automatic: false },
      { index: 3, text: 'Build again', commands: [], automatic: false },
      { index: 4, text: 'Verify', commands: [], automatic: false },
    ],
    missing: [],
    ...parts,
  };
}

export function view(parts: Partial<CardView> = {}): CardView {
  return {
    known: known(),
    playbook: playbook(),
    progress: null,
    finding: null,
    mention: null,
    note: null,
    ownChannel: null,
    next: null,
    publicUrl: null,
    runbookHelpUrl: null,
    simulated: false,
    ...parts,
  };
}
