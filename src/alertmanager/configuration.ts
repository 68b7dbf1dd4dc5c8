import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { RESPONDER_PATH } from '../../manifests/alertmanager/responderRoutes.ts';
import { ResponderError } from '../errors.ts';
import { type Matcher, matcher, parseMatchers } from './matcher.ts';

/** A node of the routing tree. */
export interface Route {
  /** Name of the receiver, inherited from the nearest ancestor that has one. */
  readonly receiver: string;
  /** Matchers; all must match. */
  readonly matchers: readonly Matcher[];
  /** Whether siblings after it are asked too. */
  readonly continue: boolean;
  readonly routes: readonly Route[];
  /** Prometheus durations as they are in force here, inherited ones included. */
  readonly groupInterval: string;
  readonly repeatInterval: string;
}

export interface Receiver {
  readonly name: string;
  /** One of its webhooks is the responder's. */
  readonly responder: boolean;
  /** It has nothing but the responder's webhooks. */
  readonly onlyResponder: boolean;
  readonly sendResolved: boolean;
}

/** An inhibition: while an alert that matches the source fires, those that match the target are muted. */
export interface InhibitRule {
  readonly line: number;
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  /** Labels that must be equal in both; two missing ones are equal. */
  readonly equal: readonly string[];
}

export interface AlertmanagerConfiguration {
  readonly root: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  /** The route has mute or active time intervals. */
  readonly timed: boolean;
}

const absent = (value: unknown) => (value === '' ? undefined : value);
const list = z.preprocess(absent, z.array(z.string()).default([]));
const map = z.preprocess(absent, z.record(z.string(), z.string()).default({}));
const yes = z.string().transform((text) => /^(?:y|yes|on|true)$/i.test(text));

interface RouteText extends z.output<typeof ownRoute> {
  readonly routes: readonly RouteText[];
}
const ownRoute = z.object({
  receiver: z.string().default(''),
  match: map,
  match_re: map,
  matchers: list,
  continue: yes.default(false),
  group_interval: z.string().default(''),
  repeat_interval: z.string().default(''),
  mute_time_intervals: list,
  active_time_intervals: list,
});
const route: z.ZodType<RouteText> = ownRoute.extend({
  routes: z.preprocess(absent, z.array(z.lazy(() => route)).default([])),
});
const receiver = z
  .object({
    name: z.string(),
    webhook_configs: z.preprocess(
      absent,
      z.array(z.looseObject({ url: z.string().default(''), send_resolved: yes.default(true) })).default([]),
    ),
  })
  .loose();
const inhibitRule = z.object({
  source_match: map,
  source_match_re: map,
  source_matchers: list,
  target_match: map,
  target_match_re: map,
  target_matchers: list,
  equal: list,
});
const schema = z.object({
  route,
  receivers: z.array(receiver),
  inhibit_rules: z.preprocess(absent, z.array(inhibitRule).default([])),
});

/**
 * Parses routes, receivers and inhibitions of an Alertmanager configuration; the rest of it is `amtool check-config`'s
 * to check.
 * @param file is only named in errors.
 * @throws ResponderError config_invalid naming file, line and path.
 */
export function parseConfiguration(file: string, text: string): AlertmanagerConfiguration {
  const lines = new LineCounter();
  // Without types every scalar is the text that stands there, as Alertmanager's own reader takes it for a string.
  const document = parseDocument(text, { schema: 'failsafe', merge: true, lineCounter: lines, prettyErrors: false });
  const refuse = (path: readonly PropertyKey[], problem: string, hint?: string) =>
    new ResponderError(
      'config_invalid',
      `${file}:${lineOf(document, path, lines)}: ${[pathText(path), problem].filter(Boolean).join(': ')}`,
      hint === undefined ? {} : { hint },
    );
  const broken = document.errors[0];
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new ResponderError('config_invalid', `${file}:${line}: not valid YAML: ${broken.message}`);
  }
  const kind = document.get('kind');
  if (kind === 'Secret' || kind === 'AlertmanagerConfig')
    throw refuse(
      [],
      `this is a Kubernetes ${kind}; Alertmanager's own configuration is expected`,
      'kubectl get secret NAME -o go-template=\'{{index .data "alertmanager.yaml" | base64decode}}\' > alertmanager.yaml',
    );
  const parsed = schema.safeParse(plain(document, file));
  const issue = parsed.error?.issues[0];
  if (!parsed.success) throw refuse(issue?.path ?? [], issue?.message ?? 'not understood');
  const { receivers, inhibit_rules: inhibitRules } = parsed.data;
  return {
    root: rootOf(parsed.data.route, new Set(receivers.map(({ name }) => name)), refuse),
    receivers: receivers.map(receiverOf),
    inhibitRules: inhibitRules.map((rule, index) => ({
      line: lineOf(document, ['inhibit_rules', index], lines),
      source: matchersOf(rule.source_match, rule.source_match_re, rule.source_matchers, (why) =>
        refuse(['inhibit_rules', index], why),
      ),
      target: matchersOf(rule.target_match, rule.target_match_re, rule.target_matchers, (why) =>
        refuse(['inhibit_rules', index], why),
      ),
      equal: rule.equal,
    })),
    timed: isTimed(parsed.data.route),
  };
}

type Refuse = (path: readonly PropertyKey[], problem: string) => ResponderError;

function rootOf(text: RouteText, receivers: ReadonlySet<string>, refuse: Refuse): Route {
  if (text.receiver === '') throw refuse(['route'], 'the root names no receiver');
  const conditions = [Object.keys(text.match), Object.keys(text.match_re), text.matchers].flat();
  if (conditions.length > 0) throw refuse(['route'], 'the root may not have matchers');
  // Alertmanager's own defaults.
  return routeOf(text, { receiver: '', groupInterval: '5m', repeatInterval: '4h' }, ['route'], { receivers, refuse });
}

function routeOf(
  text: RouteText,
  parent: Pick<Route, 'receiver' | 'groupInterval' | 'repeatInterval'>,
  path: readonly PropertyKey[],
  known: { readonly receivers: ReadonlySet<string>; readonly refuse: Refuse },
): Route {
  const own = {
    receiver: text.receiver || parent.receiver,
    groupInterval: text.group_interval || parent.groupInterval,
    repeatInterval: text.repeat_interval || parent.repeatInterval,
  };
  if (!known.receivers.has(own.receiver)) throw known.refuse(path, `no receiver is called "${own.receiver}"`);
  return {
    ...own,
    matchers: matchersOf(text.match, text.match_re, text.matchers, (why) => known.refuse(path, why)),
    continue: text.continue,
    routes: text.routes.map((child, index) => routeOf(child, own, [...path, 'routes', index], known)),
  };
}

function matchersOf(
  equal: Readonly<Record<string, string>>,
  fitting: Readonly<Record<string, string>>,
  texts: readonly string[],
  refuse: (why: string) => ResponderError,
): readonly Matcher[] {
  try {
    return [
      ...Object.entries(equal).map(([label, value]) => matcher(label, '=', value)),
      ...Object.entries(fitting).map(([label, value]) => matcher(label, '=~', value)),
      ...texts.flatMap(parseMatchers),
    ];
  } catch (thrown) {
    throw thrown instanceof ResponderError ? refuse(thrown.message) : thrown;
  }
}

function receiverOf(text: z.output<typeof receiver>): Receiver {
  const ours = text.webhook_configs.filter(({ url }) => url.replace(/[?#].*$/, '').endsWith(RESPONDER_PATH));
  const integrations = Object.entries(text).flatMap(([key, value]) =>
    key.endsWith('_configs') && Array.isArray(value) ? value : [],
  );
  return {
    name: text.name,
    responder: ours.length > 0,
    onlyResponder: ours.length > 0 && ours.length === integrations.length,
    sendResolved: ours.every(({ send_resolved: sends }) => sends),
  };
}

function isTimed(text: RouteText): boolean {
  return text.mute_time_intervals.length > 0 || text.active_time_intervals.length > 0 || text.routes.some(isTimed);
}

function plain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    const why = Error.isError(error) ? error.message : String(error);
    throw new ResponderError('config_invalid', `${file}: not usable YAML: ${why}`, { cause: error });
  }
}

/** `route.routes[1]` */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

/** Of what stands at a path, or of the nearest thing around it; 1-based. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const start =
      isScalar(node) || isMap(node) || (node !== null && typeof node === 'object' && 'range' in node)
        ? (node as { range?: [number] | null }).range?.[0]
        : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}
