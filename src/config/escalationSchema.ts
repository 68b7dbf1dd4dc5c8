import { z } from 'zod';
import type { EscalationPolicy, EscalationSettings, HoldsFor, Rung, Target } from '../incidents/escalationSettings.ts';
import type { LabelMatchers } from '../incidents/matchers.ts';
import { DEFAULT_POLICY } from '../incidents/policy.ts';
import { duration } from './quantities.ts';

/** Rungs of a policy may leave their times to the severity's, which has so many (docs/rules.md#escalation). */
const TIMED_RUNGS = 3;

const userId = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,20}$/, 'not the id of a person in Slack: it is under “Copy member ID” of the profile (U...)');

/** Whom a rung calls: one of these keys. */
const target = (group: z.ZodType<string>, channel: z.ZodType<string>) =>
  z
    .strictObject({ group, user: userId, channel })
    .partial()
    .refine((one) => Object.keys(one).length === 1, {
      message: 'name one of group, user or channel in each entry, such as [{group: oncall}, {user: U0123ABCD}]',
    });

/** The keys under `escalation`. */
export function escalationSchema(group: z.ZodType<string>, channel: z.ZodType<string>) {
  const policyName = z.string().min(1).max(60).nullable().default(null);
  return z.strictObject({
    sev1: policyName,
    sev2: policyName,
    policies: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(60),
          rounds: z.int().min(1).max(20).default(3),
          pause: duration.prefault('10m'),
          rungs: z
            .array(
              z.strictObject({
                after: duration.nullable().default(null),
                notify: z
                  .array(target(group, channel))
                  .min(1, 'a rung calls somebody: name a group, a user or a channel'),
              }),
            )
            .min(1, 'a policy has at least one rung'),
        }),
      )
      .default([]),
  });
}

export type EscalationFile = z.output<ReturnType<typeof escalationSchema>>;
type FilePolicy = EscalationFile['policies'][number];

/** What no single key shows: names that are not there, names that are there twice, times that do not rise. */
export function problemsOfEscalation(
  { policies, sev1, sev2 }: EscalationFile,
  routes: readonly { readonly escalation: string | null }[],
): readonly { readonly path: readonly string[]; readonly text: string }[] {
  const names = policies.map(({ name }) => name);
  const known = names.length === 0 ? 'there is none under escalation.policies' : `there are: ${names.join(', ')}`;
  const unknown = (name: string | null, path: readonly string[]) =>
    name === null || names.includes(name) ? [] : [{ path, text: `no policy has the name "${name}"; ${known}` }];
  return [
    ...unknown(sev1, ['escalation', 'sev1']),
    ...unknown(sev2, ['escalation', 'sev2']),
    ...routes.flatMap(({ escalation }, index) => unknown(escalation, ['routes', String(index), 'escalation'])),
    ...policies.flatMap((policy, index) =>
      problemsOfPolicy(policy, names.indexOf(policy.name) !== index).map(({ path, text }) => ({
        path: ['escalation', 'policies', String(index), ...path],
        text,
      })),
    ),
  ];
}

function problemsOfPolicy({ name, rungs }: FilePolicy, isTwice: boolean) {
  const times = rungs.map(({ after }) => after);
  const given = times.filter((after) => after !== null);
  const rises = given.every((after, index) => index === 0 || after > (given[index - 1] ?? 0));
  const says = (path: readonly string[], text: string) => [{ path, text }];
  if (isTwice) return says(['name'], `"${name}" is there twice`);
  if (given.length > 0 && given.length < rungs.length)
    return says(['rungs'], 'give every rung its time (after: 5m), or none of them');
  if (given.length === 0 && rungs.length > TIMED_RUNGS)
    return says(
      ['rungs'],
      `only the first ${TIMED_RUNGS} rungs have times by themselves; give each its own (after: 5m)`,
    );
  return rises ? [] : says(['rungs'], 'each rung comes after the one before: the times have to rise');
}

/** The policies as the rules take them. */
function policiesOf({ policies }: EscalationFile): readonly EscalationPolicy[] {
  return policies.map(({ name, rounds, pause, rungs }) => ({
    name,
    rounds,
    pauseMs: pause,
    rungs: rungs.map(({ after, notify }): Rung => ({ afterMs: after, notify: notify.flatMap(targetsOf) })),
  }));
}

function targetsOf(named: FilePolicy['rungs'][number]['notify'][number]): readonly Target[] {
  const { group, user, channel } = named;
  return [
    ...(group === undefined ? [] : [{ kind: 'group', name: group } as const]),
    ...(user === undefined ? [] : [{ kind: 'user', name: user } as const]),
    ...(channel === undefined ? [] : [{ kind: 'channel', name: channel } as const]),
  ];
}

/** How long the acknowledgement of each severity holds. */
export function holdsFor({
  expiresAfter,
  sev1,
  sev2,
}: Readonly<Record<'expiresAfter' | 'sev1' | 'sev2', number | null>>): HoldsFor {
  return { sev1: expiresAfter ?? sev1, sev2: expiresAfter ?? sev2, sev3: expiresAfter, sev4: expiresAfter };
}

type Holds = Parameters<typeof holdsFor>[0];

/** The shortest time an acknowledgement holds, milliseconds; infinite when none ends. */
export function shortestHold({ expiresAfter, sev1, sev2 }: Holds): number {
  return Math.min(...[expiresAfter ?? sev1, expiresAfter ?? sev2].filter((ms) => ms !== null));
}

/** How long before it expires who acknowledged is asked: half of what holds shortest where the file does not say and that is short. */
export function reminderOf({ remindBefore, ...holds }: Holds & { readonly remindBefore: number | null }): number {
  return remindBefore ?? Math.min(DEFAULT_POLICY.acknowledgement.remindBeforeMs, Math.floor(shortestHold(holds) / 2));
}

/** Who is called for what. */
export function escalationOf(
  escalation: EscalationFile,
  routes: readonly { readonly match: LabelMatchers; readonly escalation: string | null }[],
  group: string | null,
): EscalationSettings {
  return {
    policies: policiesOf(escalation),
    bySeverity: { sev1: escalation.sev1, sev2: escalation.sev2 },
    routes: routes.map(({ match, escalation: policy }) => ({ match, policy })),
    group,
    times: DEFAULT_POLICY.escalation.times,
  };
}
