import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { ORDINARY, plantedSecrets } from './corpus.ts';

const redactor = createRedactor();
const planted = plantedSecrets();

describe('the corpus', () => {
  test('has at least 200 secrets of 40 kinds', () => {
    expect(planted.length).toBeGreaterThanOrEqual(200);
    expect(new Set(planted.map((item) => item.kind)).size).toBeGreaterThanOrEqual(40);
  });

  test('loses every secret by our own patterns alone', () => {
    const missed = planted.filter(({ text, secrets }) => {
      const out = redactor.redact(text);
      return secrets.some((secret) => out.includes(secret));
    });
    expect(missed).toEqual([]);
  });

  test('gives no false alarm in ordinary lines, with the provider rules or without', async () => {
    const alarms = [];
    for (const line of ORDINARY) {
      const deep = await redactor.redactDeep(line);
      if (redactor.redact(line) !== line || deep !== line) alarms.push([line, deep]);
    }
    expect(alarms).toEqual([]);
  });

  test('loses every secret in the middle of a long log, whole', async () => {
    const filler = ORDINARY.join('\n');
    const out = await redactor.redactDeep(planted.map(({ text }) => `${filler}\n${text}`).join('\n'));
    expect(planted.flatMap((item) => item.secrets).filter((secret) => out.includes(secret))).toEqual([]);
  });
});

describe('redaction', () => {
  test('changes nothing the second time', () => {
    for (const { text } of planted) {
      const once = redactor.redact(text);
      expect(redactor.redact(once)).toBe(once);
    }
  });

  test('leaves the structure: JSON stays JSON, a URL keeps its user and host', () => {
    const json = redactor.redact(
      JSON.stringify({ msg: 'login {"password":"a1b2c3d4"} ok', token: 'x9y8z7w6v5', n: 1 }),
    );
    expect(JSON.parse(json)).toEqual({ msg: 'login {"password":"[redacted]"} ok', token: '[redacted]', n: 1 });
    expect(redactor.redact('dial postgres://app:hunter2@db:5432/x failed')).toBe(
      'dial postgres://app:[redacted]@db:5432/x failed',
    );
    expect(redactor.redact('DB_PASSWORD=hunter2 port=5432')).toBe('DB_PASSWORD=[redacted] port=5432');
  });

  test('is settled by the text alone, whatever was redacted before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...planted.map((item) => item.text), ...ORDINARY), { maxLength: 6 }),
        (texts) => {
          const first = texts.map((text) => redactor.redact(text));
          expect(texts.map((text) => redactor.redact(text))).toEqual(first);
        },
      ),
    );
  });

  test.each([
    'a'.repeat(200_000),
    'password="'.repeat(20_000),
    'password: '.repeat(20_000),
    'eyJ'.repeat(60_000),
    'a://b:'.repeat(30_000),
    'a.'.repeat(100_000),
    '-----BEGIN PRIVATE KEY-----\n'.repeat(7_000),
    `password=${'\\'.repeat(200_000)}`,
    'token "name","value'.repeat(10_000),
    'abcd/+=='.repeat(25_000),
  ])('returns from a hostile text (%#)', (text) => {
    expect(typeof redactor.redact(text)).toBe('string');
  });
});
