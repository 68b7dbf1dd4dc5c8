import { z } from 'zod';
import { PROFILES } from '../alerts/profile.ts';
import { DEFAULT_POLL } from '../incidents/decide/poll.ts';
import { DEFAULT_STORM } from '../incidents/decide/storm.ts';
import { SEVERITIES } from '../incidents/incident.ts';
import { matcherProblem } from '../incidents/matchers.ts';
import { DEFAULT_POLICY } from '../incidents/policy.ts';
import { escalationSchema, reminderOf } from './escalationSchema.ts';
import { duration, size, writeDuration } from './quantities.ts';
import { identityHeader, network, webAddress } from './web.ts';

/** Slack allows letters of every script, digits, hyphens and underscores; an id is a name here too. */
export const CHANNEL = /^#?[\p{L}\p{M}\p{N}_-]{1,80}$/u;
const NOT_A_CHANNEL = 'cannot be a channel of Slack: write its name, such as #payments, or its id';

const channel = z.string().regex(CHANNEL, NOT_A_CHANNEL);

const MINUTE = 60_000;
const name = z.string().min(1).max(253);
/**
 * Label matchers. Their regular expressions are compiled here, so that a broken one is reported at the start and not
 * when an alert comes.
 */
const matchers = z.record(
  z.string().min(1),
  z.string().superRefine((value, context) => {
    const problem = matcherProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  }),
);

const pattern = z.string().superRefine((value, context) => {
  try {
    new RegExp(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: Error.isError(error) ? error.message : String(error) });
  }
});
const policy = DEFAULT_POLICY;
const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'not the name of a variable: capitals, digits and underscores, such as TOKEN_WEST');
const namespaces = z
  .array(name)
  .min(
    1,
    'an empty list would let nobody read anything; name the namespaces, or leave the key out for those of the profile',
  );
/** A user group of Slack; whole channels are never mentioned (docs/rules.md#mentions). */
const group = z
  .string()
  .regex(/^[^@<>!\s]+$/, 'write the handle of the user group without @, such as oncall, or its id (S...)')
  .refine(
    (handle) => !/^(?:here|channel|everyone)$/i.test(handle),
    'a whole channel is never mentioned; name a user group, such as oncall',
  );

/** The IANA time zone in which the pages show times. */
const timeZone = z.string().refine(isTimeZone, 'not a known time zone; write it like Europe/Berlin, or UTC');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** A duration with its default in milliseconds. */
function time(byDefault: number) {
  return duration.prefault(writeDuration(byDefault));
}

/** How long an acknowledgement holds; null: for good. */
function held(byDefault: number | null) {
  return duration.nullable().prefault(byDefault === null ? null : writeDuration(byDefault));
}

/** Every key of `responder.yaml`; a key that is missing has the default of docs/rules.md. */
export const fileSchema = z.strictObject({
  profile: z.enum(['builder', 'operator']).default('builder'),
  names: z
    .strictObject({
      controlNamespace: name,
      controlDeployment: name,
      controlSelector: name,
      controlContainer: name,
      buildsNamespace: name,
      buildJobPattern: pattern,
      buildFunctionLabel: name,
      storageNamespace: name,
      rabbitmqNamespace: name,
      namespaces,
    })
    .partial()
    .default({}),
  cluster: name.default('default'),
  clusters: z
    .array(z.strictObject({ name, context: z.string().optional(), kubeconfig: z.string().optional() }))
    .default([]),
  /** Webhook tokens of further senders, each with the cluster its alerts come from; the token's value is in the named variable. */
  senders: z.array(z.strictObject({ name, cluster: name, tokenVariable: variable })).default([]),
  /** Personal tokens for the terminal: they prove who asks. */
  people: z.array(z.strictObject({ name, tokenVariable: variable })).default([]),
  /** `escalation`: the policy for what this route takes, in place of the severity's. */
  routes: z.array(z.strictObject({ match: matchers, channel, escalation: name.nullable().default(null) })).default([]),
  mentions: z
    .strictObject({
      group: group.nullable().default(null),
      perIncident: time(policy.mentions.perIncidentMs),
      perChannel: time(policy.mentions.perChannelMs),
      backlog: time(policy.mentions.backlogMs),
    })
    .prefault({}),
  access: z
    .strictObject({ namespaces: namespaces.nullable().default(null), allNamespaces: z.boolean().default(false) })
    .prefault({}),
  severity: z
    .strictObject({
      knativeMatrix: z.boolean().default(true),
      /** Severities of further words of the label `severity`, besides those of SEVERITY_WORDS. */
      words: z.record(name, z.enum(SEVERITIES)).default({}),
      matchers: z
        .array(
          z.strictObject({
            name,
            match: matchers,
            severity: z.enum(SEVERITIES),
            atLeast: z
              .strictObject({ subjects: z.int().min(1), within: duration })
              .nullable()
              .default(null),
          }),
        )
        .default([]),
    })
    .prefault({}),
  suppress: z.array(matchers).default([]),
  watchdog: z
    .strictObject({ names: z.array(name).default([...policy.watchdogNames]), fireAfter: time(15 * MINUTE) })
    .prefault({}),
  storm: z
    .strictObject({
      perMinute: z.int().min(1).default(DEFAULT_STORM.perMinute),
      perTenMinutes: z.int().min(1).default(DEFAULT_STORM.perTenMinutes),
      oldestUnsent: time(DEFAULT_STORM.oldestUnsentMs),
      calmPerMinute: z.int().min(1).default(DEFAULT_STORM.calmPerMinute),
      calm: time(DEFAULT_STORM.calmMs),
      sameName: z.int().min(1).default(DEFAULT_STORM.sameName),
      sameNameWithin: time(DEFAULT_STORM.sameNameMs),
    })
    .prefault({}),
  /**
   * The fallback by which a sev1 incident is reported when Slack does not take it; null: none. Its addresses hold
   * secrets, so each is in the named variable.
   */
  fallback: z
    .strictObject({
      after: time(2 * MINUTE),
      webhookVariable: variable.nullable().default(null),
      email: z
        .strictObject({ urlVariable: variable, from: z.string().min(3), to: z.array(z.string().min(3)).min(1) })
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
  /**
   * Polling of ALERTMANAGER_URL; `repeatInterval` is the one of its route: an alert that fires is reported at least
   * that often.
   */
  polling: z
    .strictObject({
      every: time(MINUTE),
      absentAfter: time(DEFAULT_POLL.absentMs),
      repeatInterval: time(DEFAULT_POLL.repeatIntervalMs),
    })
    .prefault({}),
  correlation: z
    .strictObject({
      subjectWindow: time(policy.correlation.subjectWindowMs),
      nameWindow: time(policy.correlation.nameWindowMs),
      reopenWindow: time(policy.correlation.reopenWindowMs),
    })
    .prefault({}),
  quiet: z
    .strictObject({
      autoResolve: time(policy.quiet.autoResolveMs),
      remindAt: z.array(duration).prefault(policy.quiet.remindAtMs.map(writeDuration)),
      closeAfter: time(policy.quiet.closeAfterMs),
    })
    .prefault({}),
  flapping: z
    .strictObject({
      cycles: z.int().min(2).default(policy.flapping.cycles),
      window: time(policy.flapping.windowMs),
      editEvery: time(policy.flapping.editEveryMs),
      calm: time(policy.flapping.calmMs),
    })
    .prefault({}),
  ownChannel: z
    .strictObject({
      enabled: z.boolean().default(true),
      sev2After: time(policy.ownChannel.sev2AfterMs),
      perHour: z.int().min(0).default(policy.ownChannel.perHour),
    })
    .prefault({}),
  acknowledgement: z
    .strictObject({
      /** Of every severity alike, in place of the two below. */
      expiresAfter: duration.nullable().default(null),
      sev1: held(policy.acknowledgement.expiresAfterMs.sev1),
      sev2: held(policy.acknowledgement.expiresAfterMs.sev2),
      /** Null: the default, or half of what holds shortest. */
      remindBefore: duration.nullable().default(null),
    })
    .transform((one) => ({ ...one, remindBefore: reminderOf(one) }))
    .prefault({}),
  /** Who is called while nobody acknowledges. */
  escalation: escalationSchema(group, channel).prefault({}),
  runbooks: z
    .strictObject({
      folders: z.array(z.string().min(1)).default([]),
      shipped: z.boolean().default(true),
      baseUrl: webAddress.nullable().default(null),
    })
    .prefault({}),
  intake: z.strictObject({ maxBody: size.prefault('32MiB') }).prefault({}),
  /** Proxies whose X-Forwarded-For is trusted; from any other caller the header is ignored. */
  http: z.strictObject({ trustedProxies: z.array(network).default([]) }).prefault({}),
  /** Set only when an authenticating proxy in front removes the header from whatever comes from outside. */
  pages: z
    .strictObject({ proxyHeader: identityHeader.nullable().default(null), timeZone: timeZone.default('UTC') })
    .prefault({}),
  publicUrl: webAddress.nullable().default(null),
  retention: z
    .strictObject({
      evidence: time(90 * 24 * 60 * MINUTE),
      evidenceSize: size.prefault('2GiB'),
      deliveries: time(24 * 60 * MINUTE),
      deliveriesSize: size.prefault('256MiB'),
    })
    .prefault({}),
});

export type FileSettings = z.output<typeof fileSchema>;

/** The profile with the names that the file overrides. */
export function profileOf(file: FileSettings) {
  const names = Object.fromEntries(Object.entries(file.names).filter(([, value]) => value !== undefined));
  return { ...PROFILES[file.profile], ...names };
}
