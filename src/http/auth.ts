import { createHash, timingSafeEqual } from 'node:crypto';

export interface KnownToken {
  readonly name: string;
  readonly token: string;
  readonly cluster: string | null;
}

/**
 * The header as if its password were a bearer token, for senders that can set no header but an address with user and
 * password (Amazon SNS): `Basic base64(user:TOKEN)`. Any other header stays as it is.
 */
export function passwordAsToken(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1];
  if (!encoded) return authorization;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? authorization : `Bearer ${text.slice(colon + 1)}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Finds whose token an `Authorization: Bearer ...` header carries. Digests of equal length are compared in constant
 * time and every token is looked at, so neither length nor position can be measured.
 */
export function createTokenCheck<T extends KnownToken>(
  tokens: readonly T[],
): (authorization: string | undefined) => T | null {
  const known = tokens.map((entry) => ({ entry, digest: digest(entry.token) }));
  return (authorization) => {
    const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
    if (!match?.[1]) return null;
    const presented = digest(match[1]);
    let found: T | null = null;
    for (const candidate of known) if (timingSafeEqual(candidate.digest, presented)) found = candidate.entry;
    return found;
  };
}
