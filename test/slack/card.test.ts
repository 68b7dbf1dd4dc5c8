import { describe, expect, test } from '@jest/globals';
import type { CardView } from '../../src/slack/render/card.ts';
import { renderCard } from '../../src/slack/render/card.ts';
import { refusals, strings } from './blockKit.ts';
import { alert, known, playbook, START, view } from './samples.ts';

const OOM = {
  code: 'build-oom-killed',
  level: 'critical',
  confidence: 'confirmed',
  role: 'cause',
  subject: { kind: 'Job', namespace: 'knative-lambda-builds', name: 'image-resizer-build' },
  count: 1,
  conclusion: 'The build was killed: it needed more than its 2Gi of memory',
  because: [],
  nextStep: 'Raise the memory limit of the build: kubectl edit',
} as const;

const SENTENCE = {
  what: 'The build of image-resizer fails',
  whom: null,
  causes: [{ code: OOM.code, brief: 'build OOMKilled (limit of 2Gi)', isSure: true }],
  impact: 'No new image-resizer',
  action: 'Raise the memory limit of the build',
  noIncident: null,
  alert: null,
} as const;

/** What the buttons and the menu of a card say when they are pressed, in their order. */
function pressesOf(card: CardView): readonly string[] {
  const block = renderCard(card).blocks.find((each) => each.type === 'actions');
  return (block?.elements ?? []).flatMap((element) => {
    if (element.type === 'button') return [element.value ?? ''];
    return element.type === 'overflow' ? element.options.map((option) => option.value ?? '') : [];
  });
}

const shown = (card: CardView): string => strings(renderCard(card).blocks).join('\n');

describe('the card', () => {
  test('says what fires where since when, in the reader’s time zone, and what to do first', () => {
    const text = shown(view());
    expect(text).toContain('SEV2 #12 BuildOOMKilled image-resizer');
    expect(text).toContain(`<!date^${START / 1000}^{date_short_pretty} {time}|2025-11-24 03:30 UTC>`);
    expect(text).toContain('namespace `knative-lambda-builds`');
    expect(text).toContain('1 pod: `image-resizer-build-1761132332-x7k2p`');
    expect(text).toContain('<https://runbooks.example/BuildOOMKilled|BuildOOMKilled>');
    expect(text).toContain('☐ See which build died');
  });

  test('has at most twelve lines and three buttons with a menu, however much there is to say', () => {
    const crowded = view({
      known: known(
        {
          truncatedAlerts: 40,
          staleSince: START,
          flappingSince: START,
          flapCount: 4,
          reopenCount: 2,
          previousNumber: 3,
          related: [{ number: 9, why: 'same node node-b' }],
        },
        [alert(), alert({ labels: { pod: 'b' } }), alert({ labels: { node: 'node-b' } })],
      ),
      publicUrl: 'https://responder.example',
      finding: OOM,
    });
    const { blocks } = renderCard(crowded);
    const lines = blocks
      .filter((block) => block.type !== 'actions')
      .flatMap((block) =>
        block.type === 'context' ? ['one line'] : strings(block).flatMap((text) => text.split('\n')),
      );
    expect(lines.length).toBeLessThanOrEqual(12);
    const actions = blocks.find((block) => block.type === 'actions');
    expect(actions?.elements.map((element) => element.type)).toEqual(['button', 'button', 'button', 'overflow']);
    expect(refusals(blocks)).toEqual([]);
    const text = shown(crowded);
    for (const said of [
      '40 more not sent by Alertmanager',
      'stale',
      'flapping, 4 cycles',
      'reopened 2×',
      'previous: #3',
      'possibly related: #9',
      'needed more than its 2Gi',
    ])
      expect(text).toContain(said);
  });

  test('fits a lock screen', () => {
    const { text } = renderCard(view({ known: known({ title: 'x'.repeat(500) }) }));
    expect(text).toHaveLength(120);
    expect(text.endsWith('…')).toBe(true);
  });

  test('counts affected objects once and names the first three', () => {
    const alerts = ['a', 'b', 'b', 'c', 'd', 'e'].map((pod) => alert({ labels: { pod } }));
    expect(shown(view({ known: known({}, alerts) }))).toContain('5 pods: `a`, `b`, `c` and 2 more');
  });

  test('takes the label that names the object, not the one that names the exporter', () => {
    const labels = { pod: 'kube-state-metrics-0', exported_pod: 'checkout-1' };
    expect(shown(view({ known: known({}, [alert({ labels })]) }))).toContain('1 pod: `checkout-1`');
  });

  test('says what is down when the alert names no object, and what tells it from its siblings', () => {
    const down = (instance: string) => alert({ labels: { alertname: 'InstanceDown', job: 'node', instance } });
    const two = shown(view({ known: known({}, [down('db-1:9100'), down('cache-7:9100')]) }));
    expect(two).toContain('2 instances: `cache-7:9100`, `db-1:9100`');
    const disk = { alertname: 'DiskFull', instance: 'db-1:9100', device: '/dev/sda1', mountpoint: '/' };
    expect(shown(view({ known: known({}, [alert({ labels: disk })]) }))).toContain(
      '1 instance: `db-1:9100` · `device=/dev/sda1` · `mountpoint=/`',
    );
  });

  test('shows the alert’s own runbook where we have none, and beside ours, and never a placeholder', () => {
    const own = alert({ annotations: { summary: 's', runbook_url: 'https://wiki.test/down' } });
    expect(shown(view({ playbook: null, known: known({}, [own]) }))).toContain(
      '<https://wiki.test/down|Runbook of the alert>',
    );
    expect(shown(view({ known: known({}, [own]) }))).toContain('<https://wiki.test/down|The team’s runbook>');
    const placeholder = alert({ annotations: { dashboard_url: 'https://grafana.example.com/d/x' } });
    expect(shown(view({ known: known({}, [placeholder]) }))).not.toContain('example.com');
  });

  test('takes the links and values that Grafana sends, and makes no silence of Alertmanager’s', () => {
    const links = { silence: 'https://g.test/silence', panel: 'https://g.test/panel', dashboard: 'https://g.test/d' };
    const text = shown(view({ known: known({}, [alert({ links, values: 'B=22' })]) }));
    for (const said of [
      'https://g.test/silence|Silence',
      'https://g.test/panel|Panel',
      'https://g.test/d|Dashboard',
      '(B=22)',
    ])
      expect(text).toContain(said);
    expect(shown(view({ known: known({}, [alert({ links: {} })]) }))).not.toContain('silences/new');
  });

  test('quotes the names of labels that are no plain words in the silence', () => {
    const labels = { alertname: 'A', 'k8s.namespace.name': 'shop' };
    expect(shown(view({ known: known({}, [alert({ labels })]) }))).toContain(
      encodeURIComponent('{alertname="A", "k8s.namespace.name"="shop"}'),
    );
  });

  test('links to the graph and to a silence filled with what these alerts share and what tells them from others', () => {
    const alerts = [alert({ labels: { alertname: 'A', pod: 'x' } }), alert({ labels: { alertname: 'A', pod: 'y' } })];
    const text = shown(view({ known: known({}, alerts) }));
    expect(text).toContain('<http://prometheus.example/graph?g0.expr=up&amp;g0.tab=1|Graph>');
    expect(text).toContain(
      `http://alertmanager.example/#/silences/new?filter=${encodeURIComponent('{alertname="A", pod=~"x|y"}')}`,
    );
  });

  test('takes the dashboard from the alert’s annotations', () => {
    const own = alert({ annotations: { dashboard_url: 'https://grafana.example/d/abc' } });
    expect(shown(view({ known: known({}, [own]) }))).toContain('<https://grafana.example/d/abc|Dashboard>');
    const grafana = alert({
      generatorUrl: 'https://grafana.example/alerting/grafana/xyz/view',
      annotations: { __dashboardUid__: 'abc', __panelId__: '4' },
    });
    expect(shown(view({ known: known({}, [grafana]) }))).toContain(
      '<https://grafana.example/d/abc?viewPanel=4|Dashboard>',
    );
  });

  test('never links to anything but http and https', () => {
    const text = shown(
      view({ known: known({}, [alert({ generatorUrl: 'javascript:alert(1)', externalUrl: 'file:///etc' })]) }),
    );
    expect(text).not.toContain('javascript');
    expect(text).not.toContain('file:');
  });

  test('says so when there is no runbook, and how to add one', () => {
    const text = shown(view({ playbook: null, runbookHelpUrl: 'https://docs.example/runbooks' }));
    expect(text).toContain('No runbook for this alert: <https://docs.example/runbooks|how to add one>');
  });

  test('names the labels the runbook wants and the alert lacks', () => {
    expect(shown(view({ playbook: playbook({ missing: ['function'] }) }))).toContain('the alert lacks `function`');
  });

  test('says why the severity is what it is', () => {
    const text = shown(
      view({ known: known({ severity: 'sev3', severityReason: 'no severity label: sev3 by default' }) }),
    );
    expect(text).toContain('SEV3 by no severity label: sev3 by default');
  });

  test('shows who acknowledged and offers to resolve', () => {
    const ana = { type: 'slack', id: 'U0ANA', name: 'ana' } as const;
    const card = view({
      known: known({ status: 'acknowledged', acknowledgedBy: ana, acknowledgedAt: START + 60_000 }),
    });
    expect(shown(card)).toContain(`*Acknowledged* by <@U0ANA> <!date^${START / 1000 + 60}`);
    expect(shown(card)).toContain('Resolve …');
    expect(shown(card)).not.toContain('Acknowledge\n');
  });

  test('never has Resolve where Acknowledge was, and resolves only through a form', () => {
    const open = pressesOf(view());
    const taken = pressesOf(view({ known: known({ status: 'acknowledged' }) }));
    expect(open[0]).toBe('#12 ack');
    expect(taken[0]).not.toContain('resolve');
    expect([...open, ...taken].filter((press) => press.includes('resolve'))).toEqual([
      '#12 form resolve',
      '#12 form resolve',
    ]);
  });

  test('begins with the sentence, what it means and what to do, and has its buttons before everything else', () => {
    const { blocks } = renderCard(view({ known: known({ sentence: SENTENCE, severity: 'sev3' }), finding: OOM }));
    expect(blocks.map(({ type }) => type).slice(0, 3)).toEqual(['header', 'section', 'actions']);
    const [title, advice] = blocks.flatMap((block) => strings(block));
    expect(title).toBe('🟡 SEV3 #12 The build of image-resizer fails: build OOMKilled (limit of 2Gi)');
    expect(blocks.flatMap((block) => strings(block)).join('\n')).toContain(
      '👥 Impact: No new image-resizer\n➡️ *Raise the memory limit of the build*',
    );
    expect(advice).not.toContain('sev3');
  });

  test('offers to merge the younger into the older and never the other way', () => {
    const related = [{ number: 14, why: 'same node' }];
    expect(pressesOf(view({ known: known({ related }) })).join()).not.toContain('merge');
    const older = [...related, { number: 3, why: 'same node' }];
    expect(pressesOf(view({ known: known({ related: older }) }))).toContain('#12 merge 3');
  });

  test('has no link to an address that exists only within a cluster or on the sender itself', () => {
    const inside = alert({
      generatorUrl: 'http://prometheus-0:9090/graph',
      externalUrl: 'http://alertmanager.monitoring.svc:9093',
    });
    const own = alert({ generatorUrl: 'http://127.0.0.1:9090/graph', externalUrl: 'http://localhost:9093' });
    expect(shown(view({ known: known({}, [inside]) }))).not.toMatch(/Graph|Silence/);
    const text = shown(view({ known: known({}, [own]) }));
    expect(text).toContain('|Graph>');
    expect(text).not.toContain('Silence');
  });

  test('shows who resolved it and when once it is over', () => {
    const ana = { type: 'slack', id: 'U0ANA', name: 'ana' } as const;
    const card = view({
      known: known({ status: 'resolved', resolution: 'person', resolvedBy: ana, resolvedAt: START + 600_000 }),
    });
    expect(shown(card)).toContain(`✅ *Resolved* by <@U0ANA> <!date^${START / 1000 + 600}`);
    expect(shown(card)).toContain('by hand');
    expect(shown(card)).not.toContain('☐');
  });

  test('marks a drill and what is simulated', () => {
    const card = view({ known: known({ drill: true }), simulated: true });
    expect(shown(card)).toContain('[DRILL] [SIMULATED]');
    expect(renderCard(card).text).toMatch(/^DRILL SIMULATED /);
  });

  test('mentions the group it is given, and nobody otherwise', () => {
    expect(shown(view({ mention: 'S0ONCALL' }))).toContain('<!subteam^S0ONCALL>');
    expect(shown(view())).not.toContain('<!subteam');
  });
});
