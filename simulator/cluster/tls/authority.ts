import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, der, integer, octets, oid, sequence, set, tagged, time, truth, utf8 } from './der.ts';

export interface Authority {
  /** PEM of the authority's own certificate: what a client has to trust. */
  readonly ca: string;
  /** PEM of the server's certificate and of its key. */
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** Makes a certificate authority and a certificate of it for a server at `hosts`, as kubeadm does for a new cluster. */
export function makeAuthority(...hosts: readonly string[]): Authority {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = nameOf('kubernetes');
  const signed = { issuer, issuerKey: authority.privateKey };
  const ca = certificate({ ...signed, subject: issuer, key: authority.publicKey, extensions: [isAuthority(true)] });
  const leaf = certificate({
    ...signed,
    subject: nameOf('kube-apiserver'),
    key: server.publicKey,
    extensions: [isAuthority(false), serverAuthentication(), alternativeNames(hosts)],
  });
  return {
    ca: pem(ca),
    certificate: pem(leaf),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Wanted {
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
  readonly subject: Buffer;
  readonly key: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** An X.509 certificate, version 3 (RFC 5280). */
function certificate({ issuer, issuerKey, subject, key, extensions }: Wanted): Buffer {
  const now = Date.now();
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(now - DAY_MS), time(now + 365 * DAY_MS)),
    subject,
    key.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions)),
  );
  return sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, issuerKey)));
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));
}

function isAuthority(is: boolean): Buffer {
  return sequence(oid('2.5.29.19'), truth(), octets(is ? sequence(truth()) : sequence()));
}

function serverAuthentication(): Buffer {
  return sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.1'))));
}

function alternativeNames(known: readonly string[]): Buffer {
  const hosts = [...new Set([...known, 'localhost', '127.0.0.1', 'kubernetes', 'kubernetes.default.svc'])];
  const names = hosts.flatMap((one) => {
    if (isIP(one) === 4) return [der(0x87, Buffer.from(one.split('.').map(Number)))];
    return isIP(one) === 6 ? [] : [der(0x82, Buffer.from(one))];
  });
  return sequence(oid('2.5.29.17'), octets(sequence(...names)));
}

function pem(certificateDer: Buffer): string {
  const lines = certificateDer.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`;
}
