import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import {
  type Environment,
  isProduction,
  read,
  readChoice,
  readPort,
  readProxies,
  readSimulate,
  readUrl,
  simulates,
  wrong,
} from './config/environment.ts';
import { escalationOf, holdsFor } from './config/escalationSchema.ts';
import { readSettingsFile } from './config/file.ts';
import { CHANNEL, type FileSettings, profileOf } from './config/fileSchema.ts';
import { refuseMisspelt } from './config/misspelt.ts';
import type { FallbackWays } from './fallback/fallbackSender.ts';
import type { PollTimes } from './incidents/decide/poll.ts';
import type { StormPolicy } from './incidents/decide/storm.ts';
import { KNATIVE_MATRIX } from './incidents/knativeMatrix.ts';
import type { LabelMatchers } from './incidents/matchers.ts';
import { DEFAULT_POLICY, type Policy } from './incidents/policy.ts';
import type { Proxies } from './network/proxies.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface RealSlack {
  readonly botToken: string;
  /** Socket Mode when set. */
  readonly appToken: string | null;
  /** HTTP mode when there is no app token. */
  readonly signingSecret: string | null;
  /** Null: Slack's own. */
  readonly apiUrl: string | null;
}

/** A token that opens a door, with the name and cluster it stands for. */
export interface NamedToken {
  readonly name: string;
  readonly token: string;
  /** Cluster of the alerts that come with it; null: the alerts' own label, else the default. */
  readonly cluster: string | null;
}

/** How a sev1 incident is told when Slack cannot be reached. */
export interface FallbackSettings extends FallbackWays {
  readonly afterMs: number;
}

/** Everything that can be set, parsed and frozen. Times in milliseconds, sizes in bytes. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly ports: {
    readonly http: number;
    readonly workspace: number;
    readonly cluster: number;
    readonly metrics: number;
  };
  /** Null: the simulated workspace. */
  readonly slack: RealSlack | null;
  /** Default channel, by name (`#incidents`) or id. */
  readonly channel: string;
  /** Null: the simulated cluster. `in-cluster:` and the address of the API server, or the path(s) of KUBECONFIG. */
  readonly kubeconfig: string | null;
  readonly defaultCluster: string;
  readonly clusters: FileSettings['clusters'];
  /** Null: simulated; `none`: without. */
  readonly prometheusUrl: string | null;
  readonly alertmanagerUrl: string | null;
  /** Where traces go (OTLP over HTTP); null: nowhere. */
  readonly tracesUrl: string | null;
  /** What stands between us and everything outside. */
  readonly proxies: Proxies;
  readonly databaseUrl: string;
  /** Empty: the webhook is open (never in production). */
  readonly webhookTokens: readonly NamedToken[];
  /** Null: API and pages are open (never in production). */
  readonly apiToken: string | null;
  readonly personalTokens: readonly NamedToken[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly policy: Policy;
  readonly routes: readonly { readonly match: LabelMatchers; readonly channel: string }[];
  readonly mentionGroup: string | null;
  readonly ownChannels: boolean;
  readonly access: { readonly namespaces: readonly string[]; readonly allNamespaces: boolean };
  readonly runbooks: { readonly folders: readonly string[]; readonly baseUrl: string | null };
  readonly maxBody: number;
  readonly watchdogFireAfterMs: number;
  readonly storm: StormPolicy;
  /** Null: none. */
  readonly fallback: FallbackSettings | null;
  readonly polling: PollTimes & { readonly everyMs: number };
  readonly publicUrl: string | null;
  readonly proxyHeader: string | null;
  /** In which the pages show times, of the IANA database. */
  readonly timeZone: string;
  readonly trustedProxies: readonly string[];
  readonly retention: {
    readonly evidenceMs: number;
    readonly evidenceBytes: number;
    /** Of deliveries whose alerts are all accounted for. */
    readonly deliveriesMs: number;
    readonly deliveriesBytes: number;
  };
}

/**
 * Reads the environment and the file it names in RESPONDER_CONFIG.
 * @param options.root folder of the shipped `runbooks/`
 * @throws ResponderError config_invalid: file, line, path or variable, what is allowed, and what to do.
 */
export function loadConfig(env: Environment, options: { readonly root: string }): Config {
  const file = readSettingsFile(read(env, 'RESPONDER_CONFIG'));
  refuseMisspelt(env, namedVariables(file));
  const production = isProduction(env);
  const asked = readSimulate(env);
  const slack = asked.has('workspace') ? null : readSlack(env);
  const strictBecause = production
    ? 'in production (inside a cluster, or NODE_ENV=production)'
    : slack && !slack.apiUrl
      ? 'with real Slack tokens'
      : null;
  if (!slack) simulates('workspace', { strictBecause, asked });
  const kubeconfig = asked.has('cluster') ? null : readKubeconfig(env);
  if (!kubeconfig) simulates('cluster', { strictBecause, asked });
  const prometheusUrl = asked.has('metrics') ? null : readPrometheus(env);
  if (!prometheusUrl) simulates('metrics', { strictBecause, asked });
  return Object.freeze({
    production,
    host: read(env, 'HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
    ports: {
      http: readPort(env, 'PORT', 8080),
      workspace: readPort(env, 'WORKSPACE_PORT', 3000),
      cluster: readPort(env, 'CLUSTER_PORT', 3001),
      metrics: readPort(env, 'METRICS_PORT', 3002),
    },
    slack,
    channel: readChannel(env),
    kubeconfig,
    prometheusUrl,
    alertmanagerUrl: readUrl(env, 'ALERTMANAGER_URL'),
    tracesUrl: readUrl(env, 'OTEL_EXPORTER_OTLP_ENDPOINT'),
    proxies: readProxies(env),
    databaseUrl: readDatabase(env),
    ...readTokens(env, file, production),
    fallback: readFallback(env, file),
    logLevel: readChoice(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    ...fromFile(file, options.root),
  });
}

/** The variables that responder.yaml names. */
function namedVariables({ senders, people, fallback }: FileSettings): readonly string[] {
  const ofFallback = [fallback?.webhookVariable, fallback?.email?.urlVariable].filter((one) => typeof one === 'string');
  return [...[...senders, ...people].map(({ tokenVariable }) => tokenVariable), ...ofFallback];
}

function readSlack(env: Environment): RealSlack | null {
  const botToken = read(env, 'SLACK_BOT_TOKEN');
  const appToken = read(env, 'SLACK_APP_TOKEN');
  const signingSecret = read(env, 'SLACK_SIGNING_SECRET');
  const apiUrl = readUrl(env, 'SLACK_API_URL');
  if (!botToken) {
    const lonely = appToken
      ? 'SLACK_APP_TOKEN'
      : signingSecret
        ? 'SLACK_SIGNING_SECRET'
        : apiUrl
          ? 'SLACK_API_URL'
          : null;
    if (lonely)
      throw wrong(
        'SLACK_BOT_TOKEN',
        `missing, though ${lonely} is set`,
        'It is the "Bot User OAuth Token" (xoxb-...) of the app, under OAuth & Permissions.',
      );
    return null;
  }
  if (!/^xoxb-|^xoxe\.xoxb-/.test(botToken)) {
    throw wrong(
      'SLACK_BOT_TOKEN',
      'a bot token starts with xoxb-',
      'It is the "Bot User OAuth Token" of the app, under OAuth & Permissions; a user token (xoxp-) or an app token (xapp-) does not work here.',
    );
  }
  if (appToken && !appToken.startsWith('xapp-')) {
    throw wrong(
      'SLACK_APP_TOKEN',
      'an app-level token starts with xapp-',
      'It is made under Basic Information, App-Level Tokens, with the scope connections:write.',
    );
  }
  if (!appToken && !signingSecret) {
    throw wrong(
      'SLACK_APP_TOKEN',
      'missing, and SLACK_SIGNING_SECRET too',
      'Set SLACK_APP_TOKEN (Socket Mode, no public URL needed) or SLACK_SIGNING_SECRET (HTTP mode).',
    );
  }
  return { botToken, appToken, signingSecret, apiUrl: apiUrl === null || apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` };
}

function readChannel(env: Environment): string {
  const channel = read(env, 'SLACK_CHANNEL') ?? '#incidents';
  if (CHANNEL.test(channel)) return channel;
  throw wrong(
    'SLACK_CHANNEL',
    `"${channel.slice(0, 100)}" cannot be a channel of Slack`,
    'Write its name (#incidents) or its id (C0123ABCD, under "About" of the channel); a name has no spaces or dots.',
  );
}

/** Only what is set on purpose counts: `~/.kube/config` is never picked up by surprise. */
function readKubeconfig(env: Environment): string | null {
  const host = read(env, 'KUBERNETES_SERVICE_HOST');
  const port = read(env, 'KUBERNETES_SERVICE_PORT') ?? '443';
  const inCluster = host ? `in-cluster:https://${isIPv6(host) ? `[${host}]` : host}:${port}` : null;
  return read(env, 'KUBECONFIG') ?? inCluster;
}

function readPrometheus(env: Environment): string | null {
  return read(env, 'PROMETHEUS_URL') === 'none' ? 'none' : readUrl(env, 'PROMETHEUS_URL');
}

function readDatabase(env: Environment): string {
  const url = read(env, 'DATABASE_URL') ?? 'sqlite:data/responder.db';
  if (/^(sqlite:.+|postgres(ql)?:\/\/.+)$/.test(url)) return url;
  throw wrong(
    'DATABASE_URL',
    'not a kind of store that is supported',
    'Write sqlite:PATH (one replica) or postgres://USER:PASSWORD@HOST/DATABASE.',
  );
}

function readTokens(env: Environment, file: FileSettings, production: boolean) {
  const webhook = read(env, 'WEBHOOK_TOKEN');
  const senders = file.senders.map((sender) => named(env, sender.name, sender.tokenVariable, sender.cluster));
  const webhookTokens = [...(webhook ? [{ name: 'alertmanager', token: webhook, cluster: null }] : []), ...senders];
  const apiToken = read(env, 'API_TOKEN') ?? (production ? null : webhook);
  if (production && webhookTokens.length === 0) {
    throw wrong(
      'WEBHOOK_TOKEN',
      'missing in production',
      'Set a long random value, and the same as credentials in the Alertmanager receiver.',
    );
  }
  if (production && !apiToken) {
    throw wrong(
      'API_TOKEN',
      'missing in production',
      'Set a long random value: it opens the API and the incident pages.',
    );
  }
  const personalTokens = file.people.map((person) => named(env, person.name, person.tokenVariable, null));
  return { webhookTokens, apiToken, personalTokens };
}

function readFallback(env: Environment, { fallback }: FileSettings): FallbackSettings | null {
  if (fallback === null) return null;
  const { webhookVariable, email, after } = fallback;
  if (webhookVariable !== null) named(env, 'fallback', webhookVariable, null);
  return {
    afterMs: after,
    webhookUrl: webhookVariable === null ? null : readUrl(env, webhookVariable),
    email: email && { url: readSmtp(env, email.urlVariable), from: email.from, to: email.to },
  };
}

function readSmtp(env: Environment, variable: string): string {
  const { token: url } = named(env, 'fallback', variable, null);
  if (URL.canParse(url) && /^smtps?:$/.test(new URL(url).protocol)) return url;
  throw wrong(variable, 'not an smtp or smtps URL', 'Write it like smtps://USER:PASSWORD@smtp.example.com:465.');
}

function named(env: Environment, name: string, variable: string, cluster: string | null): NamedToken {
  const token = read(env, variable);
  if (token) return { name, token, cluster };
  throw wrong(
    variable,
    `missing, though responder.yaml names it for "${name}"`,
    'Set the variable, or remove the entry.',
  );
}

function fromFile(file: FileSettings, root: string) {
  const profile = profileOf(file);
  return {
    policy: policyOf(file, profile),
    defaultCluster: file.cluster,
    clusters: file.clusters,
    routes: file.routes.map(({ match, channel }) => ({ match, channel })),
    mentionGroup: file.mentions.group,
    ownChannels: file.ownChannel.enabled,
    access: { namespaces: file.access.namespaces ?? profile.namespaces, allNamespaces: file.access.allNamespaces },
    runbooks: {
      folders: [...(file.runbooks.shipped ? [join(root, 'runbooks')] : []), ...file.runbooks.folders],
      baseUrl: file.runbooks.baseUrl,
    },
    maxBody: file.intake.maxBody,
    watchdogFireAfterMs: file.watchdog.fireAfter,
    storm: {
      perMinute: file.storm.perMinute,
      perTenMinutes: file.storm.perTenMinutes,
      oldestUnsentMs: file.storm.oldestUnsent,
      calmPerMinute: file.storm.calmPerMinute,
      calmMs: file.storm.calm,
      sameName: file.storm.sameName,
      sameNameMs: file.storm.sameNameWithin,
    },
    polling: {
      everyMs: file.polling.every,
      absentMs: file.polling.absentAfter,
      repeatIntervalMs: file.polling.repeatInterval,
    },
    publicUrl: file.publicUrl,
    proxyHeader: file.pages.proxyHeader,
    timeZone: file.pages.timeZone,
    trustedProxies: file.http.trustedProxies,
    retention: {
      evidenceMs: file.retention.evidence,
      evidenceBytes: file.retention.evidenceSize,
      deliveriesMs: file.retention.deliveries,
      deliveriesBytes: file.retention.deliveriesSize,
    },
  };
}

/** The rules of the file, over the default policy. */
function policyOf(file: FileSettings, profile: Policy['profile']): Policy {
  return {
    profile,
    severityMatchers: [
      ...file.severity.matchers.map((matcher) => ({
        ...matcher,
        atLeast: matcher.atLeast && { subjects: matcher.atLeast.subjects, withinMs: matcher.atLeast.within },
      })),
      ...(file.severity.knativeMatrix ? KNATIVE_MATRIX : []),
    ],
    severityWords: {
      ...DEFAULT_POLICY.severityWords,
      ...Object.fromEntries(Object.entries(file.severity.words).map(([word, means]) => [word.toLowerCase(), means])),
    },
    suppress: file.suppress,
    watchdogNames: file.watchdog.names,
    correlation: {
      subjectWindowMs: file.correlation.subjectWindow,
      nameWindowMs: file.correlation.nameWindow,
      reopenWindowMs: file.correlation.reopenWindow,
    },
    quiet: {
      autoResolveMs: file.quiet.autoResolve,
      remindAtMs: file.quiet.remindAt,
      closeAfterMs: file.quiet.closeAfter,
    },
    flapping: {
      cycles: file.flapping.cycles,
      windowMs: file.flapping.window,
      editEveryMs: file.flapping.editEvery,
      calmMs: file.flapping.calm,
    },
    ownChannel: { sev2AfterMs: file.ownChannel.sev2After, perHour: file.ownChannel.perHour },
    mentions: {
      perIncidentMs: file.mentions.perIncident,
      perChannelMs: file.mentions.perChannel,
      backlogMs: file.mentions.backlog,
    },
    acknowledgement: {
      expiresAfterMs: holdsFor(file.acknowledgement),
      remindBeforeMs: file.acknowledgement.remindBefore,
    },
    escalation: escalationOf(file.escalation, file.routes, file.mentions.group),
  };
}

const SECRET = /token|secret|password|webhookUrl/i;

/** The configuration as YAML-like text for `config show`, secrets masked; the password of a database URL too. */
export function describeConfig(config: Config): string {
  return JSON.stringify(
    config,
    (key, value: unknown) => {
      if (typeof value !== 'string') return value;
      if (SECRET.test(key)) return `(set, ${value.length} characters)`;
      return value.replace(/^([a-z]+:\/\/[^:/@]+:)[^@]*@/, '$1***@');
    },
    2,
  );
}
