import type { Labels } from '../alerts/alert.ts';
import type { AlertmanagerConfiguration, InhibitRule, Route } from './configuration.ts';
import { everyChoice, type Values, valuesOf } from './possibilities.ts';
import { allRoutes, routesFor } from './routing.ts';

/** Alerts of one name; null: of any name that is not known. */
export interface KnownAlert {
  readonly name: string | null;
  /** Labels its rules set, without the name; one entry for each rule, [{}] when none is known. */
  readonly variants: readonly Labels[];
}

/** Names of the receivers notified, sorted, with repeats. */
export type Told = readonly string[];

/** The receivers notified about one set of labels. */
export interface Case {
  /** The labels the routing depends on, without those that the rule sets; '' for one that is missing. */
  readonly labels: Labels;
  readonly before: Told;
  readonly now: Told;
}

export interface Comparison {
  readonly name: string | null;
  readonly cases: readonly Case[];
  /** False when there were more sets of labels than were tried. */
  readonly complete: boolean;
}

export interface Trees {
  readonly before: Route;
  readonly now: Route;
  /** Receivers that are left out of `before`, since they have nothing but the responder. */
  readonly ours: ReadonlySet<string>;
}

/** The receivers notified before and after of each alert, for every choice of the labels that the routes match. */
export function compareTold(
  alerts: readonly KnownAlert[],
  { before, now, ours }: Trees,
): { readonly comparisons: readonly Comparison[]; readonly untried: readonly string[] } {
  const values = valuesOf([before, now].flatMap(allRoutes).flatMap(({ matchers }) => matchers));
  const comparisons = alerts.map(({ name, variants }): Comparison => {
    const each = variants.map((labels) =>
      everyChoice(withName(name, labels), namedApart(values, alerts), (labelOf) => ({
        before: told(before, labelOf).filter((receiver) => !ours.has(receiver)),
        now: told(now, labelOf),
      })),
    );
    return {
      name,
      complete: each.every(({ complete }) => complete),
      cases: each.flatMap(({ tried }) => tried.map(({ labels, result }) => ({ labels, ...result }))),
    };
  });
  return { comparisons, untried: values.untried };
}

function told(root: Route, labelOf: (name: string) => string): Told {
  return routesFor(root, labelOf)
    .map(({ receiver }) => receiver)
    .toSorted();
}

/** Values to try for an alert of an unknown name: none of the known names. */
function namedApart(values: Values, alerts: readonly KnownAlert[]): Values {
  const known = new Set(alerts.map(({ name }) => name));
  return {
    ...values,
    of: (label) => (label === 'alertname' ? values.of(label).filter((one) => !known.has(one)) : values.of(label)),
  };
}

function withName(name: string | null, labels: Labels): Labels {
  return name === null ? labels : { ...labels, alertname: name };
}

/** The names that the matchers of a configuration mention. */
export function namesIn({ root, inhibitRules }: AlertmanagerConfiguration): readonly string[] {
  const matchers = [
    ...allRoutes(root).flatMap((route) => route.matchers),
    ...inhibitRules.flatMap(({ source, target }) => [...source, ...target]),
  ];
  return matchers.flatMap(({ label, op, value }) =>
    label === 'alertname' && op === '=' && value !== '' ? [value] : [],
  );
}

/** Alerts that an inhibition could mute. */
export interface Muted {
  readonly rule: InhibitRule;
  /** Names that can mute one of the targets, and names that one of those can mute; null among them: a name that is not known. */
  readonly sources: readonly (string | null)[];
  readonly targets: readonly (string | null)[];
}

export function mutedBy(alerts: readonly KnownAlert[], { inhibitRules }: AlertmanagerConfiguration): readonly Muted[] {
  const matchers = inhibitRules.flatMap(({ source, target }) => [...source, ...target]);
  const values = namedApart(valuesOf(matchers), alerts);
  return inhibitRules.map((rule) => {
    const sources = alerts.flatMap((alert) => fitting(alert, rule.source, values));
    const targets = alerts.flatMap((alert) => fitting(alert, rule.target, values));
    const meets = (one: Candidate, other: Candidate) => rule.equal.every((label) => canBeEqual(one, other, label));
    const named = (found: readonly Candidate[]) => [...new Set(found.map(({ name }) => name))];
    return {
      rule,
      sources: named(sources.filter((source) => targets.some((target) => meets(source, target)))),
      targets: named(targets.filter((target) => sources.some((source) => meets(source, target)))),
    };
  });
}

/** One rule's alerts that fit a side of an inhibition. */
interface Candidate {
  readonly name: string | null;
  readonly labels: Labels;
}

function fitting(
  { name, variants }: KnownAlert,
  matchers: InhibitRule['source'],
  values: Values,
): readonly Candidate[] {
  return variants
    .filter((labels) =>
      everyChoice(withName(name, labels), values, (labelOf) =>
        matchers.every(({ label, fits }) => fits(labelOf(label))),
      ).tried.some(({ result }) => result),
    )
    .map((labels) => ({ name, labels }));
}

/** Whether two alerts can agree on a label; a label that is not known can have any value. */
function canBeEqual(one: Candidate, other: Candidate, label: string): boolean {
  const [left, right] = [one, other].map(({ name, labels }) => withName(name, labels)[label]);
  if (label === 'alertname') return left === right;
  return left === undefined || right === undefined || left === right;
}
