import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { problemOf } from '../../src/commands/execute.ts';
import { checkPlaybooks } from '../../src/playbooks/check.ts';
import { diagnosticOf } from '../../src/playbooks/kubectl.ts';
import { loadPlaybooks } from '../../src/playbooks/load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreign-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** In the form of prometheus-operator's: Hugo's front matter, lists, commands within the text. */
const HUGO = `---
title: Widget Broken
weight: 20
---

# WidgetBroken

## Meaning

A widget does not turn.

## Impact

Nothing is wound.

## Diagnosis

- Look at the job with \`kubectl -n $NAMESPACE describe jobs $JOB\`.
- Ask who wound it last.

## Mitigation

### Oil it

Then see the nodes:

\`\`\`console
$ oc get nodes
$ oc delete pod widget -o template --template={{range .items}}
\`\`\`
`;

/** In the form of OpenShift's: no front matter, paragraphs and code. */
const PLAIN = `# GearStuck

## Meaning

A gear is stuck.

## Diagnosis

Read its logs:

\`\`\`shell
kubectl logs -n <namespace> <pod> --previous
\`\`\`

See [the manual](/docs/gears).

## Resolution

Turn it.
`;

test('folders of others are runbooks as they are, without a problem', async () => {
  write({
    'content/_index.md': '---\ntitle: all\nweight: 1\n---\n',
    'content/add-runbook.md': '---\ntitle: Add\nweight: 1\n---\n# How to add one\n\n1. Write.\n',
    'content/kubernetes/WidgetBroken.md': HUGO,
    'content/toml/ToothLost.md': '+++\ntitle = "x"\n+++\n# ToothLost\n\n## Symptoms\n\nIt rattles.\n',
    'alerts/GearStuck.md': PLAIN,
  });
  const { count, problems } = await checkPlaybooks([folder], { problemOf, root: folder });
  expect([count, problems]).toEqual([3, []]);
  const { playbooks } = loadPlaybooks([folder]);
  expect(playbooks.map(({ title, alerts }) => [title, alerts])).toEqual([
    ['GearStuck', ['GearStuck']],
    ['Widget Broken', ['WidgetBroken']],
    ['ToothLost', ['ToothLost']],
  ]);
});

test('what it says to do are the steps, with code to copy, and lines that only read to run', () => {
  write({ 'WidgetBroken.md': HUGO, 'GearStuck.md': PLAIN });
  const [gear, widget] = loadPlaybooks([folder]).playbooks;
  expect(widget?.explanation).toBe('A widget does not turn. Nothing is wound.');
  expect(widget?.steps.map(({ section, commands }) => [section, commands.map(({ template }) => template)])).toEqual([
    ['Diagnosis', ['diag jobs {{ labels.job_name }} -n {{ labels.namespace }}']],
    ['Diagnosis', []],
    ['Mitigation', ['diag nodes']],
  ]);
  expect(widget?.steps[2]?.snippets[0]?.template).toContain('oc delete pod widget');
  expect(gear?.steps.map(({ text }) => text)).toEqual(['Read its logs:', 'See the manual.', 'Turn it.']);
  expect(gear?.steps[0]?.commands[0]?.template).toBe('diag logs {{ labels.pod }} -n {{ labels.namespace }} --previous');
});

test.each([
  ['kubectl get pods -n shop', 'diag pods -n shop'],
  ['$ oc get nodes', 'diag nodes'],
  ['kubectl describe hpa NAME -n NAMESPACE', 'diag hpa -n {{ labels.namespace }}'],
  ['kubectl get deploy/cart -n shop -o yaml', 'diag rollouts cart -n shop'],
  ['kubectl delete pod x', null],
  ['kubectl edit pvc x', null],
  ['kubectl get deployments.apps -n shop', 'diag rollouts -n shop'],
  ['kubectl get horizontalpodautoscalers.autoscaling -n shop', 'diag hpa -n shop'],
  ['oc get nodes -l node-role.kubernetes.io/master=', 'diag nodes -l node-role.kubernetes.io/master='],
  ['kubectl get pods --selector=app=cart,tier=web -n shop', 'diag pods -n shop -l app=cart,tier=web'],
  ['kubectl top pods -lapp=cart', 'diag top pods -l app=cart'],
  ['kubectl get deploy -l app=cart', null],
  ['kubectl get pods -l "app in (a)"', null],
  ['kubectl get constructor', null],
  ['kubectl top toString', null],
  ['kubectl get __proto__/x', null],
  ['kubectl get pods -n $FOO', null],
  ['kubectl get pod -A | grep x', null],
  ['kubectl get pods > file', null],
  ['kubectl get pods; rm -r x', null],
  ['kubectl exec x -- ls', null],
])('%s is offered as a diagnostic only when it just reads', (line, expected) => {
  expect(diagnosticOf(line)).toBe(expected);
});

test('sections under names of their own after what explains are the steps, and what only refers is none', async () => {
  write({
    'WidgetSlow.md':
      '# WidgetSlow\n\n## Impact\n\nSlow.\n\n### How slow\n\nVery.\n\n## Critical\n\n* Look at once.\n\n## Runbook\n\n1. Take a look.\n\n### Queries\n\n```\nup\n```\n\n## References\n\n- A book.\n',
  });
  const { problems } = await checkPlaybooks([folder], { problemOf, root: folder });
  expect(problems).toEqual([]);
  const steps = loadPlaybooks([folder]).playbooks.flatMap((playbook) => playbook.steps);
  expect(steps.map(({ section, text }) => `${section}: ${text}`)).toEqual([
    'Critical: Look at once.',
    'Runbook: Take a look.',
    'Runbook: Queries',
  ]);
});

test.each(['alert', 'alrets', 'mtach'])('a misspelt key of ours is still told: %s', async (key) => {
  write({ 'WidgetBroken.md': `---\n${key}: [X]\n---\n# WidgetBroken\n\n## Diagnosis\n\n1. a\n` });
  const { problems } = await checkPlaybooks([folder], { problemOf, root: folder });
  expect(problems.map(({ problem }) => problem)).toContain(`unknown key “${key}”`);
});

test.each(['path', 'watch', 'patch', 'batch', 'math', 'mask', 'aliases', 'assets'])(
  'a key that others write is no misspelt one of ours: %s',
  async (key) => {
    write({ 'WidgetBroken.md': `---\n${key}: x\n---\n# WidgetBroken\n\n## Diagnosis\n\n1. a\n` });
    const { problems, count } = await checkPlaybooks([folder], { problemOf, root: folder });
    expect({ problems, count }).toEqual({ problems: [], count: 1 });
  },
);

/** In the form of OpenShift's oldest ones: text right below the heading, steps under a name of their own, code out of its list. */
const LOOSE = `# HCP_GearDown
The \`GearDown\` alert fires when no gear answers.

## Initial troubleshooting steps
1. Look at the picture

   \`\`\`sh
   gearctl look $GEAR
   \`\`\`

2. Log in:

\`\`\`sh
   gearctl login
  \`\`\`
   Set the variable

3. See the pods.

\`\`\`sh
oc get po -n $NAMESPACE -owide | grep gear
   gear-0    0/5     Pending
 \`\`\`
`;

test('pages that runbooks of others link to are none themselves and no mistake, and are told by name', async () => {
  write({
    'alerts/gears/GearDown.md': LOOSE,
    'alerts/gears/GearStuck.md': PLAIN.replace('/docs/gears', 'helpers/pod-debug.md'),
    // Without front matter, headings that are no section's name, indented code that is a fence's.
    'alerts/gears/helpers/pod-debug.md':
      '# Pod debugging\n\npod status: pending → look.\n\n```bash\n    oc get pod/$MYPOD -o wide\n```\n',
    'alerts/gears/helpers/gearctl.md': '# Configuring gearctl\n\nStep 1: install it\n\n## Step 2\n\nRun it.\n',
  });
  const { count, problems, pages } = await checkPlaybooks([folder], { problemOf, root: folder });
  expect({ count, problems, pages: pages.map((file) => basename(file)) }).toEqual({
    count: 2,
    problems: [],
    pages: ['gearctl.md', 'pod-debug.md'],
  });
  const [loose] = loadPlaybooks([folder]).playbooks;
  expect(loose?.alerts).toEqual(['GearDown', 'HCP_GearDown']);
  expect(loose?.explanation).toBe('The GearDown alert fires when no gear answers.');
  expect(loose?.steps.map(({ text }) => text).filter((text) => /^[A-Z]/.test(text))).toEqual([
    'Look at the picture',
    'Log in:',
    'Set the variable',
    'See the pods.',
  ]);
});

test('beside a runbook written for us a file without front matter is still a mistake', async () => {
  write({
    'ours.md': '---\nalerts: [GearLost]\n---\n# Gear lost\n\n## Steps\n\n1. Look.\n',
    'GearStuck.md': PLAIN,
    'checkout-down.md': '# Checkout is down\n\n1. Look.\n',
  });
  const { problems } = await checkPlaybooks([folder], { problemOf, root: folder });
  expect(problems.map(({ file, problem }) => [basename(file), problem])).toEqual([
    ['checkout-down.md', 'has no front matter in its first line'],
  ]);
});
