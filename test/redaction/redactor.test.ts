import { describe, expect, test } from '@jest/globals';
import { createRedactor } from '../../src/redaction/redactor.ts';

const redactor = createRedactor();

describe('a secret', () => {
  test.each([
    ['password=hunter22', 'hunter22'],
    ['{"token": "abc123def"}', 'abc123def'],
    ['{\\"apiKey\\": \\"abc123def\\"}', 'abc123def'],
    ['postgres://app:pa55w0rd@db:5432/x', 'pa55w0rd'],
    ['amqp://guest:s3cret@rabbitmq', 's3cret'],
    ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY', 'wJalr'],
    ["MINIO_ROOT_PASSWORD: 'sup3r!'", 'sup3r'],
    ['Authorization: Bearer abc.def123456', 'abc.def'],
    ['x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r y', 'eyJhbGci'],
    ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'abcdefghij'],
    ['https://x-access-token:ghs_0123456789abcdef0123@github.com/a/b', '0123456789'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----', 'MIIEpAIB'],
    ['AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4;EndpointSuffix=core', 'Zm9vYmFy'],
  ])('does not survive: %s', (text, secret) => {
    expect(redactor.redact(text)).not.toContain(secret);
    expect(redactor.redact(text)).toContain('[redacted]');
  });

  test('is counted, and what was redacted stays as it is', () => {
    const told: number[] = [];
    const counting = createRedactor((count) => told.push(count));
    const once = counting.redact('password=hunter22 token=abc123def');
    expect(told).toEqual([2]);
    expect(counting.redact(once)).toBe(once);
  });

  test('that only a provider would recognise goes too when there is time to look', async () => {
    expect(await redactor.redactDeep('key AKIAIOSFODNN7EXAMPLQ end')).not.toContain('IOSFODNN7');
  });
});

describe('ordinary text', () => {
  test.each([
    'maxTokens: 4096',
    'secretName: registry-credentials-ref',
    'token expired: yes',
    'compass: north',
    'auth: failed',
    'password: ""',
    'digest sha256:9b2a4c5d6e7f809192a3b4c5d6e7f809192a3b4c5d6e7f809192a3b4c5d6e7f8',
    'http://10.0.0.1:8080/healthz?x=1',
    'image registry.local:5000/team/app@sha256:abcdef0123456789',
    'level=info msg="pushed layer" duration=3.2s path=/kaniko/0',
    'MountVolume.SetUp failed for volume "token-volume" : secret "app-tokens" not found',
    'email ana@example.com wrote to bob@example.com',
  ])('stays: %s', (text) => {
    expect(redactor.redact(text)).toBe(text);
  });
});
