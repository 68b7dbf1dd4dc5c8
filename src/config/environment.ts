import { ResponderError } from '../errors.ts';
import type { Proxies } from '../network/proxies.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The parts that can be simulated on a laptop. */
export const SIMULATED_PARTS = ['workspace', 'cluster', 'metrics'] as const;
export type SimulatedPart = (typeof SIMULATED_PARTS)[number];

const VARIABLE_OF: Readonly<Record<SimulatedPart, string>> = {
  workspace: 'SLACK_BOT_TOKEN',
  cluster: 'KUBECONFIG',
  metrics: 'PROMETHEUS_URL',
};

/** A variable's value, trimmed; null when unset or empty. */
export function read(env: Environment, variable: string): string | null {
  const value = env[variable]?.trim();
  return value ? value : null;
}

export function readPort(env: Environment, variable: string, byDefault: number): number {
  const text = read(env, variable);
  if (text === null) return byDefault;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw wrong(variable, `"${text}" is not a port`, 'Allowed: 0 (a free port) to 65535.');
}

export function readUrl(env: Environment, variable: string): string | null {
  const text = read(env, variable);
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return text;
  throw wrong(variable, 'not an http or https URL', `Write it like ${EXAMPLES[variable] ?? 'https://host:port'}.`);
}

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, each also in small letters, which win, as for curl. */
export function readProxies(env: Environment): Proxies {
  return {
    https: readProxy(env, 'https_proxy') ?? readProxy(env, 'HTTPS_PROXY'),
    http: readProxy(env, 'http_proxy') ?? readProxy(env, 'HTTP_PROXY'),
    except: (read(env, 'no_proxy') ?? read(env, 'NO_PROXY') ?? '').split(/[\s,]+/).filter(Boolean),
  };
}

/** The text is not repeated in the error: it may hold a password. */
function readProxy(env: Environment, variable: string): string | null {
  const text = read(env, variable);
  if (text === null) return null;
  const url = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw wrong(
    variable,
    'not the address of an HTTP proxy',
    'Write it like http://proxy.example.com:3128, or http://USER:PASSWORD@... ; list hosts to reach directly in NO_PROXY.',
  );
}

const EXAMPLES: Readonly<Record<string, string>> = {
  PROMETHEUS_URL: 'http://prometheus.monitoring:9090 (or "none" to run without Prometheus)',
  ALERTMANAGER_URL: 'http://alertmanager.monitoring:9093',
  SLACK_API_URL: 'https://slack.example.com/api/',
};

export function readChoice<T extends string>(
  env: Environment,
  variable: string,
  choices: readonly T[],
  byDefault: T,
): T {
  const text = read(env, variable);
  if (text === null) return byDefault;
  const choice = choices.find((candidate) => candidate === text.toLowerCase());
  if (choice) return choice;
  throw wrong(variable, `"${text}" is not known`, `Allowed: ${choices.join(', ')}.`);
}

/** `SIMULATE=cluster,metrics`, as a set; an unknown part is an error. */
export function readSimulate(env: Environment): ReadonlySet<SimulatedPart> {
  const words = (read(env, 'SIMULATE') ?? '').split(/[\s,]+/).filter(Boolean);
  return new Set(
    words.map((word) => {
      const part = SIMULATED_PARTS.find((candidate) => candidate === word);
      if (part) return part;
      throw wrong(
        'SIMULATE',
        `"${word}" is not a part that can be simulated`,
        `Allowed: ${SIMULATED_PARTS.join(', ')}.`,
      );
    }),
  );
}

/** Whether this is production: NODE_ENV says so, or the process runs inside a cluster. */
export function isProduction(env: Environment): boolean {
  return read(env, 'NODE_ENV') === 'production' || read(env, 'KUBERNETES_SERVICE_HOST') !== null;
}

/**
 * Whether a part that is not configured is simulated.
 * @throws ResponderError config_invalid naming the variable, where nothing may be simulated by itself.
 */
export function simulates(
  part: SimulatedPart,
  where: { readonly strictBecause: string | null; readonly asked: ReadonlySet<SimulatedPart> },
): true {
  if (where.asked.has(part) || where.strictBecause === null) return true;
  throw wrong(
    VARIABLE_OF[part],
    `missing, and nothing is simulated by itself ${where.strictBecause}`,
    `Set ${VARIABLE_OF[part]}${part === 'metrics' ? ' (or PROMETHEUS_URL=none to run without Prometheus)' : ''}, or SIMULATE=${part} to simulate it on purpose.`,
  );
}

export function wrong(variable: string, problem: string, hint: string): ResponderError {
  return new ResponderError('config_invalid', `${variable}: ${problem}`, { hint });
}
