import { createHash } from 'node:crypto';
import type { Alert, Labels } from '../alerts/alert.ts';
import { truth } from '../alerts/truth.ts';
import type { PlaybookView } from '../commands/ports.ts';
import type { IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import { matches } from '../incidents/matchers.ts';
import type { Playbook, PlaybookStep } from './playbook.ts';
import { labelsIn, labelsNeeded, renderCommand, renderSnippet, renderText } from './template.ts';

export interface Runbooks {
  /** Which runbook serves an alert: by its name, else by its `runbook_url`, else by matchers. Pure. */
  match(
    alert: Pick<Alert, 'name' | 'labels' | 'annotations'>,
  ): { id: string; severityHint: string | null; impact: string | null } | null;
  /** The incident's runbook with the labels of its alert filled in. */
  forIncident(known: IncidentWithAlerts): PlaybookView | null;
  /** Command lines that run by themselves when the incident opens, without `/lambda`; [] without a runbook. */
  automaticCommands(known: IncidentWithAlerts): readonly string[];
  list(): readonly { id: string; title: string; alerts: readonly string[] }[];
}

type NamedAlert = Pick<Alert, 'name' | 'labels' | 'annotations'>;

/**
 * Finds and renders runbooks.
 * @param baseUrl where the folder of runbooks can be read in a browser, without a trailing slash; null when nowhere.
 */
export function createRunbooks(playbooks: readonly Playbook[], options: { readonly baseUrl: string | null }): Runbooks {
  const byId = new Map(playbooks.map((playbook) => [playbook.id, playbook]));
  const byAlert = new Map(
    playbooks.toReversed().flatMap((playbook) => playbook.alerts.map((alert) => [alert, playbook] as const)),
  );
  const byFileName = new Map(playbooks.map((playbook) => [fileNameOf(playbook.id), playbook]));
  const base = options.baseUrl?.replace(/\/+$/, '') ?? null;

  const find = (alert: NamedAlert): Playbook | null => {
    const named = byAlert.get(alert.name) ?? byUrl(alert.annotations.runbook_url, playbooks, byFileName);
    if (named) return named;
    const labels = truth(alert.labels);
    return playbooks.find((one) => one.match.some((matchers) => matches(labels, matchers))) ?? null;
  };
  const ofIncident = (known: IncidentWithAlerts): { playbook: Playbook; labels: Labels } | null => {
    const chosen = known.incident.playbookId === null ? undefined : byId.get(known.incident.playbookId);
    const alerts = [...known.alerts].sort((a, b) => Number(b.status === 'firing') - Number(a.status === 'firing'));
    const alert = alerts.find((one) => (chosen ? find(one) === chosen : find(one) !== null)) ?? alerts[0];
    const playbook = chosen ?? (alert ? find(alert) : null);
    return playbook ? { playbook, labels: labelsFor(known, alert) } : null;
  };

  return {
    match: (alert) => {
      const playbook = find(alert);
      if (!playbook) return null;
      const { id, severityHint, impact } = playbook;
      return { id, severityHint, impact: impact === null ? null : renderText(impact, truth(alert.labels)) };
    },
    forIncident: (known) => {
      const found = ofIncident(known);
      return found ? rendered(found.playbook, found.labels, base) : null;
    },
    automaticCommands: (known) => {
      const found = ofIncident(known);
      const commands = found?.playbook.steps.flatMap((step) => step.commands) ?? [];
      const lines = commands
        .filter((command) => command.automatic)
        .map((command) => renderCommand(command.template, found?.labels ?? {}));
      return [...new Set(lines.filter((line) => line !== null))];
    },
    list: () => playbooks.map(({ id, title, alerts }) => ({ id, title, alerts })),
  };
}

/** The labels a runbook may use: the alert's, with the truth in them, and the incident's namespace when the alert has none. */
function labelsFor(known: IncidentWithAlerts, alert: IncidentAlert | undefined): Labels {
  const labels = { ...(alert ? truth(alert.labels) : {}) };
  const { namespace, subject } = known.incident;
  if (!labels.namespace && namespace !== null) labels.namespace = namespace;
  if (!labels.function && subject.kind === 'function') labels.function = subject.name;
  return labels;
}

function rendered(playbook: Playbook, labels: Labels, base: string | null): PlaybookView {
  const needed = playbook.steps.flatMap((step) => [
    ...step.commands.flatMap((command) => labelsNeeded(command.template)),
    ...labelsIn(step.text),
    ...step.snippets.flatMap((snippet) => labelsNeeded(snippet.template)),
  ]);
  const keys = stepKeys(playbook.steps);
  return {
    id: playbook.id,
    title: playbook.title,
    url:
      playbook.url ?? (base === null ? null : `${base}/${playbook.id.split('/').map(encodeURIComponent).join('/')}.md`),
    owner: playbook.owner,
    steps: playbook.steps.map((step, index) => ({
      index,
      text: renderText(step.text, labels),
      commands: step.commands.map((command) => renderCommand(command.template, labels)).filter((line) => line !== null),
      automatic: step.commands.some((command) => command.automatic),
      section: step.section,
      snippets: step.snippets.map((snippet) => renderSnippet(snippet.template, labels)),
      key: keys[index] ?? String(index),
    })),
    missing: [...new Set(needed)].filter((label) => !labels[label]),
  };
}

function fileNameOf(id: string): string {
  return (id.split('/').at(-1) ?? id).toLowerCase();
}

/** By address: the runbook's own `url`, its path under any host, or, since teams move repositories, its file name. */
function byUrl(
  url: string | undefined,
  playbooks: readonly Playbook[],
  byFileName: ReadonlyMap<string, Playbook>,
): Playbook | undefined {
  if (!url || url.length > 2000) return undefined;
  const plain = url
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .toLowerCase();
  const path = plain.replace(/\.(?:md|html?)$/, '');
  const exact = playbooks.find((one) => one.url?.toLowerCase() === plain || path.endsWith(`/${one.id.toLowerCase()}`));
  return exact ?? byFileName.get(path.split('/').at(-1) ?? '');
}

/**
 * An identity for each step, from what it says and runs: what was ticked stays ticked when the file changes elsewhere and the
 * responder is started again. Steps that say the same are told apart by their order.
 */
function stepKeys(steps: readonly Pick<PlaybookStep, 'text' | 'commands'>[]): readonly string[] {
  const seen = new Map<string, number>();
  return steps.map(({ text, commands }) => {
    const said = [text, ...commands.map((command) => command.template)].join('\n');
    const hash = createHash('sha256').update(said).digest('base64url').slice(0, 10);
    const before = seen.get(hash) ?? 0;
    seen.set(hash, before + 1);
    return before === 0 ? hash : `${hash}.${before}`;
  });
}
