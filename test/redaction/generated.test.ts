import { describe, expect, test } from '@jest/globals';
import { createRedactor } from '../../src/redaction/redactor.ts';
import gitleaks from '../../src/redaction/rules/gitleaks.json' with { type: 'json' };
import { type Planted, plantedCorpus, survives } from './generated/corpus.ts';
import { ordinaryCorpus } from './generated/ordinary.ts';

/** Another corpus with each run; what fails says which, and `SEED` makes it again. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const redactor = createRedactor();
const planted = plantedCorpus(SEED);

function family({ kind }: Planted): string {
  return kind.split(' / ')[0] ?? kind;
}

/** The corpus by what is crossed first: a notation, a provider or a command. */
const families = Map.groupBy(planted, family);

describe(`secrets crossed with notations, of seed ${SEED}`, () => {
  test('are of 200 kinds and 4,000 in number', () => {
    expect(planted.length).toBeGreaterThan(4_000);
    expect(families.size).toBeGreaterThan(200);
  });

  test('are lost by at least 95 in a hundred', () => {
    const missed = planted.filter((one) => survives(one, redactor.redact(one.text)));
    expect(missed.length / planted.length).toBeLessThan(0.05);
  });

  test('are lost in every notation, of every provider, behind every command, more often than not', () => {
    const weak = [...families].filter(
      ([, items]) => items.filter((one) => survives(one, redactor.redact(one.text))).length * 2 > items.length,
    );
    expect(weak.map(([kind]) => kind)).toEqual([]);
  });

  test('stay lost, and what is left stays as it is, when it is redacted again', () => {
    for (const { text } of planted) {
      const once = redactor.redact(text);
      expect(redactor.redact(once)).toBe(once);
    }
  });

  test('leave JSON that can be read', () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const texts = planted.map(({ text }) => text).filter(isJson);
    expect(texts.length).toBeGreaterThan(200);
    expect(texts.map((text) => redactor.redact(text)).filter((text) => !isJson(text))).toEqual([]);
  });
});

test('ordinary lines that sound like secrets are left alone, but for one in a thousand', () => {
  const lines = ordinaryCorpus(SEED, 12);
  expect(lines.length).toBeGreaterThan(2_000);
  const alarms = lines.filter(({ text }) => redactor.redact(text) !== text);
  expect(alarms.length / lines.length).toBeLessThanOrEqual(0.001);
});

describe('whoever writes a log', () => {
  /** What scanners take for an instruction, and what we leave behind ourselves. */
  const STEERING = [
    '# secretlint-disable',
    '/* secretlint-disable-next-line */',
    '// secretlint-disable-line',
    '<!-- secretlint-disable -->',
    '# gitleaks:allow',
    '# pragma: allowlist secret',
    '# nosec',
    '# noqa: S105',
    '# trufflehog:ignore',
    '# nosemgrep',
    '# ggignore',
    '# checkov:skip=CKV_SECRET_6',
    '[redacted]',
    'password=[redacted]',
    'EXAMPLE placeholder test fake',
    '\u001b[8m',
    '-----BEGIN CERTIFICATE-----',
    'kind: ConfigMap',
  ];

  test.each(STEERING)('cannot keep a secret in by writing %j before, behind and around it', async (words) => {
    // Every 40th, so that each of the words meets all families in turn.
    const some = planted.filter((_, index) => index % 40 === STEERING.indexOf(words) % 40);
    for (const one of some) {
      if (survives(one, await redactor.redactDeep(one.text))) continue;
      const around = `${words}\n${one.text}\n${words}`;
      expect(survives(one, await redactor.redactDeep(around)) ? around : null).toBeNull();
    }
  });

  test('cannot keep one in by writing what we write in place of it', () => {
    for (const text of [
      'password=[redacted]hunt3r2Zq9',
      'password=[redacted] hunt3r2',
      'token: "[redacted]hunt3r2Zq9"',
    ])
      expect(redactor.redact(`${text}\ndb_password=hunt3r2Zq9`)).not.toMatch(/hunt3r2Zq9/);
  });
});

describe('the rules of gitleaks', () => {
  test('are there with their licence, and each compiles', () => {
    expect(gitleaks.licence).toContain('MIT License');
    expect(gitleaks.source).toMatch(/gitleaks\/v8 v8\.\d+\.\d+/);
    expect(gitleaks.rules.length).toBeGreaterThanOrEqual(190);
    for (const rule of gitleaks.rules) {
      expect(rule.keywords.join('')).toMatch(/^[\x20-\x7e]+$/);
      expect(() => new RegExp(rule.regex, 'flags' in rule ? rule.flags : '')).not.toThrow();
    }
  });
});
