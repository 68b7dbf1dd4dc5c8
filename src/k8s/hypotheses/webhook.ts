import { downCase, isReady } from './deployments.ts';
import { deploymentOfPod, type Facts, wasRead } from './facts.ts';
import { cause, DEPTH, excluded, found, type Hypothesis, object } from './hypothesis.ts';

const WEBHOOK_ERROR = /failed calling webhook "([^"]+)"(?:.{0,200}?https:\/\/([\w-]+)\.([\w-]+)\.svc)?.{0,300}/;

/** F13: an admission webhook does not answer, so writes are refused. */
export const webhook: Hypothesis = {
  id: 'F13',
  title: 'An admission webhook is down',
  areas: ['serving', 'control', 'functions', 'eventing', 'builds'],
  judge(facts) {
    const refused = webhookErrors(facts);
    const places = new Set([
      ...refused.map(({ place }) => place),
      ...['knative-serving', 'knative-eventing']
        .filter((namespace) => wasRead(facts, 'pods', namespace))
        .map((namespace) => `${namespace}/${namespace === 'knative-eventing' ? 'eventing-webhook' : 'webhook'}`),
    ]);
    const cases = [...places].flatMap((place) => {
      const [namespace = '', name = ''] = place.split('/');
      const who = refused.filter((one) => one.place === place);
      const one = downCase(name, namespace, facts, {
        code: 'webhook-down',
        areas: ['serving', 'control', 'functions', 'eventing', 'builds'],
        effect: 'writes to the objects it guards are refused, a rollback included; what runs goes on',
        next: `Restart it: kubectl rollout restart deploy/${name} -n ${namespace} (Deployments do not pass it). Do not delete the webhook configuration.`,
        touches: who.flatMap(({ who: names }) => names),
      });
      if (one)
        return [
          { ...one, depth: DEPTH.platform, because: [...one.because, ...who.map(({ line }) => line)].slice(0, 5) },
        ];
      const first = who[0];
      if (!first) return [];
      return [
        cause({
          code: 'webhook-failing',
          confidence: /x509|certificate/.test(first.line) ? 'confirmed' : 'likely',
          subject: object('Service', namespace, name),
          conclusion: `Admission webhook ${first.name} ${/x509|certificate/.test(first.line) ? 'has a certificate the API server does not trust' : 'does not answer the API server'}: writes are refused.`,
          because: who.slice(0, 3).map(({ line }) => line),
          nextStep: '/lambda diag serving',
          touches: who.flatMap(({ who: names }) => names),
          areas: ['serving', 'control', 'functions', 'eventing'],
          depth: DEPTH.platform,
          against: [
            ...new Set(
              facts.pods
                .filter((pod) => pod.metadata.namespace === namespace && deploymentOfPod(pod) === name && isReady(pod))
                .map(({ metadata }) => `${metadata.name} is ready`),
            ),
          ],
        }),
      ];
    });
    if (cases.length > 0) return found(cases);
    return wasRead(facts, 'pods', 'knative-serving')
      ? excluded('the webhook of knative-serving is up and no write was refused')
      : excluded('nothing that was read speaks of a refused write');
  },
};

function webhookErrors(facts: Facts): readonly { name: string; place: string; line: string; who: readonly string[] }[] {
  const conditions = [...facts.functions, ...facts.services, ...facts.platform].flatMap((one) =>
    (one.status.conditions ?? []).map(({ message }) => ({ text: message ?? '', who: [one.metadata.name] })),
  );
  const events = facts.events.map(({ message, involvedObject }) => ({
    text: message ?? '',
    who: [involvedObject.name ?? ''],
  }));
  const logs = facts.logs.flatMap((log) =>
    log.lines.map(({ text }) => ({ text: text.replaceAll('\\"', '"'), who: [log.pod] })),
  );
  const seen = new Map<string, { name: string; place: string; line: string; who: string[] }>();
  for (const { text, who } of [...conditions, ...events, ...logs]) {
    const match = WEBHOOK_ERROR.exec(text);
    if (!match) continue;
    const name = match[1] ?? '';
    const place = `${match[3] ?? 'knative-serving'}/${match[2] ?? 'webhook'}`;
    const known = seen.get(name);
    if (known) known.who.push(...who);
    else seen.set(name, { name, place, line: match[0], who: [...who] });
  }
  return [...seen.values()];
}
