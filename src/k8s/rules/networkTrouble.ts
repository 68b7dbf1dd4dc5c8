import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import type { Pod } from '../subjects/pod.ts';
import type { Service } from '../subjects/service.ts';
import { LOG_KINDS } from './logs/knowledge.ts';
import { statementsOf } from './logs/statements.ts';

type Kind = 'log-dns' | 'log-refused' | 'log-timeout';

/** A network error in a pod's log: the host it names, and how it failed. */
export interface Trouble {
  readonly pod: Pod;
  readonly kind: Kind;
  readonly host: string;
  readonly line: string;
}

const KINDS: readonly Kind[] = ['log-dns', 'log-refused', 'log-timeout'];

export function troublesOf(pod: Pod, facts: Facts): readonly Trouble[] {
  const statements = facts.logsOf(pod).flatMap(({ lines }) => statementsOf(lines.slice(-60)));
  const found = statements.flatMap((one): readonly Trouble[] => {
    const text = [one.text, ...one.causes].join(' ');
    const kind = LOG_KINDS.find(({ pattern }) => pattern.test(text));
    const host = kind?.what?.exec(text)?.slice(1).find(Boolean) ?? serverOf(text) ?? hostOfUrl(text);
    return kind && host && KINDS.includes(kind.code as Kind)
      ? [{ pod, kind: kind.code as Kind, host: host.toLowerCase(), line: short(one.line, 280) }]
      : [];
  });
  return [...new Map(found.map((one) => [`${one.kind} ${one.host}`, one])).values()];
}

/** `customer-db:5432` of libpq's `server at "customer-db" (10.96.4.7), port 5432`; null for another sentence. */
function serverOf(text: string): string | null {
  const [, host, port] =
    /(?:server|host) (?:at |on )?"?([a-z0-9][a-z0-9.-]*)"?[^,]{0,60}, port (\d{2,5})/i.exec(text) ?? [];
  return host && port ? `${host}:${port}` : null;
}

function hostOfUrl(text: string): string | null {
  return /\bhttps?:\/\/([a-z0-9.-]+(?::\d+)?)/i.exec(text)?.[1] ?? null;
}

/** The Service a host name means, seen from a pod; null for none that was read. */
export function serviceNamed(host: string, pod: Pod, facts: Facts): Service | null {
  const plain = host.replace(/:\d+$/, '');
  if (/^\d+(?:\.\d+){3}$/.test(plain)) return facts.all('Service').find(({ spec }) => spec.clusterIP === plain) ?? null;
  const [name = '', place] = plain.split('.');
  return facts.get('Service', place ?? pod.metadata.namespace, name);
}
