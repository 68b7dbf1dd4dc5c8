import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reply } from '../../src/commands/reply.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { renderCard } from '../../src/slack/render/card.ts';
import { renderNews } from '../../src/slack/render/news.ts';
import { decodePress, encodePress } from '../../src/slack/render/press.ts';
import { renderReply } from '../../src/slack/render/reply.ts';
import { widthOf } from '../../src/slack/render/table.ts';
import { liveMarkup, mrkdwn, refusals, strings } from './blockKit.ts';
import { alert, incident, playbook, view } from './samples.ts';

/** What labels, log lines and names have held in the wild, and what somebody would put there on purpose. */
const piece = fc.constantFrom(
  '<!channel>',
  '<!here>',
  '<!everyone>',
  '<!subteam^S0ONCALL>',
  '<@U0ANA>',
  '<https://evil.example|click>',
  '&lt;!channel&gt;',
  '<\u200B!channel>',
  '<!chan\u202Enel>',
  '&',
  '&&&&&&&',
  '```',
  '`',
  '*_~>|',
  '\u0000',
  '\n',
  '\r\n\t',
  '👩‍👩‍👧‍👦',
  '😀'.repeat(40),
  'שלום עולם',
  '\u202Egnp.exe',
  'e\u0301\u0301\u0301\u0301\u0301\u0301',
  '\uD800',
  '漢字かな',
  'a'.repeat(5_000),
  '<'.repeat(3_000),
  '😀'.repeat(3_000),
  '',
  ' ',
);
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
  piece,
);
const name = fc.constantFrom('pod', 'node', 'job_name', 'namespace', 'alertname', 'queue', 'exported_pod', 'summary');

function harmless(rendered: { text: string; blocks: readonly object[] }): void {
  expect(refusals(rendered.blocks)).toEqual([]);
  expect([rendered.text, ...mrkdwn(rendered.blocks)].flatMap(liveMarkup)).toEqual([]);
  expect(strings(rendered.blocks).filter((text) => /<[!@](?!date|[UW])/.test(text))).toEqual([]);
  expect(rendered.text.length).toBeGreaterThan(0);
  expect(Buffer.byteLength(rendered.text)).toBeLessThan(4_000);
}

describe('whatever labels and logs hold', () => {
  test('a card is within Slack’s limits and pings nobody', () => {
    const labels = fc.dictionary(name, hostile, { maxKeys: 6 });
    const anyAlert = fc
      .record({ labels, annotations: labels, generatorUrl: fc.option(hostile), externalUrl: fc.option(hostile) })
      .map(alert);
    fc.assert(
      fc.property(
        fc.array(anyAlert, { maxLength: 5 }),
        fc.array(hostile, { minLength: 12, maxLength: 12 }),
        fc.constantFrom('open', 'acknowledged', 'mitigated', 'resolved'),
        (
          alerts,
          [
            title = '',
            namespace = '',
            subject = '',
            cluster = '',
            reason = '',
            step = '',
            owner = '',
            url = '',
            who = '',
            why = '',
            impact = '',
            runbook = '',
          ],
          status,
        ) => {
          const actor = { type: 'slack', id: who, name: who } as const;
          harmless(
            renderCard(
              view({
                known: {
                  incident: incident({
                    title,
                    namespace,
                    subject: { kind: 'pod', name: subject },
                    cluster,
                    sentence: {
                      what: title,
                      whom: subject,
                      causes: [{ code: 'x', brief: reason, isSure: true }],
                      impact,
                      action: step,
                      noIncident: null,
                      alert: null,
                    },
                    severityReason: reason,
                    status,
                    acknowledgedBy: actor,
                    resolvedBy: actor,
                    resolvedAt: 1,
                    related: [{ number: 1, why }],
                    truncatedAlerts: 7,
                  }),
                  alerts,
                },
                playbook: playbook({
                  title: runbook,
                  url,
                  owner,
                  steps: [{ index: 0, text: step, commands: [step], automatic: false }],
                  missing: [title],
                }),
                publicUrl: url,
                finding: finding(reason, step),
              }),
            ),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('an answer is within Slack’s limits and pings nobody', () => {
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: 8, maxLength: 8 }),
        fc.array(hostile, { maxLength: 60 }),
        fc.array(fc.array(hostile, { maxLength: 7 }), { maxLength: 30 }),
        fc.boolean(),
        (
          [title = '', summary = '', value = '', conclusion = '', because = '', note = '', label = '', command = ''],
          lines,
          rows,
          tabular,
        ) => {
          const answer = reply({
            title,
            summary,
            assumed: [{ what: label, value, from: note, override: value }],
            findings: Array.from({ length: 9 }, () => finding(conclusion, because)),
            table: tabular ? { columns: ['NAME', 'STATUS', 'AGE', title, 'MESSAGE'], rows, total: rows.length } : null,
            lines: tabular ? null : lines,
            notes: [note, note],
            next: [
              { label, command, readOnly: true },
              { label, command, readOnly: false },
            ],
          });
          harmless(renderReply(answer, { asker: value, command, files: true, budget: 9_000 }));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('news is within Slack’s limits and pings nobody', () => {
    fc.assert(fc.property(hostile, (text) => harmless(renderNews({ text, mention: null }))));
  });

  test('no line of a table is wider than 44 columns', () => {
    fc.assert(
      fc.property(fc.array(fc.array(hostile, { maxLength: 6 }), { maxLength: 30 }), (rows) => {
        const table = {
          columns: ['NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
          rows,
          total: rows.length,
        };
        const { blocks } = renderReply(reply({ title: 'pods', table }), {
          asker: null,
          command: null,
          files: true,
          budget: 9_000,
        });
        const block = strings(blocks).find((text) => text.startsWith('```\n'));
        const lines = (block ?? '')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&')
          .split('\n')
          .slice(1, -1);
        expect(lines.filter((line) => widthOf(line) > 44)).toEqual([]);
        expect(lines.length).toBeLessThanOrEqual(13);
      }),
    );
  });

  test('a button says the command it was made for', () => {
    const command = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(fc.option(fc.nat(999_999)), command, (incidentNumber, text) => {
        expect(decodePress(encodePress({ incidentNumber, command: text }, 2_000) ?? '')).toEqual({
          incidentNumber,
          command: text,
        });
      }),
    );
  });
});

function finding(conclusion: string, because: string): Finding {
  return {
    code: 'x',
    level: 'critical',
    confidence: 'likely',
    subject: { kind: 'Pod', namespace: null, name: because },
    count: 3,
    conclusion,
    because: [because, because, because],
    nextStep: because,
  };
}
