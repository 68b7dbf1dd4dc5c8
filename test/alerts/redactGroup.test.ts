import { describe, expect, test } from '@jest/globals';
import { redactGroup } from '../../src/alerts/redactGroup.ts';
import { deliveryBody, parseDelivery } from '../../src/alerts/webhook.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';

const FROM = { sender: 'am', senderCluster: null, receivedAt: Date.parse('2026-11-26T10:00:00Z') };
const redactor = createRedactor();

function parsed(labels: readonly Record<string, string>[], over: object = {}) {
  const alerts = labels.map((each) => ({
    status: 'firing',
    labels: { alertname: 'LoginFails', ...each },
    annotations: { summary: 'it fails' },
    startsAt: '2026-11-26T09:59:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus/graph?g0.expr=up',
  }));
  return parseDelivery({ version: '4', externalURL: 'http://am', alerts, ...over }, FROM);
}

describe('a redacted delivery', () => {
  test('keeps the identity of the labels as they were sent: what differs in a secret alone stays two alerts', () => {
    const sent = parsed([{ db_password: 'hunt3r2Zq9' }, { db_password: 'tr0ub4dor3' }]);
    const { alerts } = redactGroup(sent, redactor);
    expect(alerts.map(({ labels }) => labels.db_password)).toEqual(['[redacted]', '[redacted]']);
    expect(alerts.map(({ fingerprint }) => fingerprint)).toEqual(sent.alerts.map(({ fingerprint }) => fingerprint));
    expect(new Set(alerts.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test('leaves fingerprints as Alertmanager makes them alone, and takes another for one that is a token', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const group = (fingerprint: string) =>
      redactGroup(
        parsed([], {
          alerts: [{ labels: { alertname: 'A' }, fingerprint }],
        }),
        redactor,
      ).alerts[0]?.fingerprint;
    expect(group('0a1b2c3d4e5f6071')).toBe('0a1b2c3d4e5f6071');
    expect(group(token)).toMatch(/^[0-9a-f]{16}$/);
    expect(group(token)).toBe(group(token));
  });

  test('keeps namespaces, names of objects and images whatever they sound like', () => {
    const labels = {
      namespace: 'secret-store',
      exported_namespace: 'token-service',
      pod: 'password-reset-7d9f6c5b4-x2x9k',
      secret: 'db-password',
      secretname: 'regcred',
      image: `registry.local:5000/auth/token@sha256:${'0f'.repeat(32)}`,
      serviceaccount: 'api-key-rotator',
    };
    expect(redactGroup(parsed([labels]), redactor).alerts[0]?.labels).toEqual({ alertname: 'LoginFails', ...labels });
  });

  test('takes for a secret what stands in the place of a name and can be none', () => {
    const labels = { pod: 'web password=hunt3r2Zq9', secret: 'hunt3r2Zq9_XyZ!' };
    const found = redactGroup(parsed([labels]), redactor).alerts[0]?.labels;
    expect(JSON.stringify(found)).not.toContain('hunt3r2Zq9');
  });

  test('has addresses that lead to the same place without user, password and secret parameters', () => {
    const group = redactGroup(
      parsed([], {
        externalURL: 'https://ana:hunt3r2Zq9@am.example.com/am',
        alerts: [
          {
            labels: { alertname: 'A' },
            generatorURL: 'https://ana:hunt3r2Zq9@prom/graph?g0.expr=up%7Bpassword%3D%22hunt3r2Zq9%22%7D&g0.tab=1',
          },
        ],
      }),
      redactor,
    );
    expect(group.externalUrl).toBe('https://am.example.com/am');
    expect(group.alerts[0]?.generatorUrl).toMatch(/^https:\/\/prom\/graph\?.*g0\.tab=1$/);
    expect(JSON.stringify(group)).not.toContain('hunt3r2Zq9');
  });

  test('reads the same from the body that is kept in place of the one that was sent', () => {
    const sent = parsed([{ db_password: 'hunt3r2Zq9', namespace: 'shop' }], {
      groupKey: '{}:{db_password="hunt3r2Zq9"}',
      truncatedAlerts: 3,
    });
    const clean = redactGroup(sent, redactor);
    const body = deliveryBody(clean);
    expect(body).not.toContain('hunt3r2Zq9');
    expect(parseDelivery(JSON.parse(body), FROM)).toEqual(clean);
  });
});
