import type { Finding } from '../../incidents/evidence.ts';
import { conditionText, isTrue } from '../conditions.ts';
import type { FunctionChain, KnativeObject } from '../knative.ts';
import { finding, look, nameOf } from './finding.ts';

/** Conditions of a LambdaFunction in the order in which they come true (domain sheet, 1.2). */
const STEPS = ['SourceReady', 'EventingReady', 'BuildReady', 'DeployReady', 'ServiceReady'] as const;

const WORDS: Readonly<Record<string, string>> = {
  SourceReady: 'its source could not be fetched',
  EventingReady: 'its trigger could not be made',
  BuildReady: 'its build failed',
  DeployReady: 'its Knative Service could not be made',
  ServiceReady: 'its Knative Service is not healthy',
};

/** What the operator says of a function, against what Knative shows. [] without a LambdaFunction (the builder generation has none). */
export function lambdaFindings(chain: FunctionChain): readonly Finding[] {
  const { lambda, service } = chain;
  if (!lambda) return [];
  const phase = lambda.status.phase ?? 'Pending';
  const subject = nameOf('LambdaFunction', lambda.metadata);
  const failed = STEPS.find((type) => isFalse(lambda, type));
  const because = [
    `phase ${phase}`,
    ...(failed ? [conditionText(lambda, failed) ?? failed] : []),
    ...(lambda.status.buildStatus?.error ? [lambda.status.buildStatus.error] : []),
  ];
  if (phase === 'Ready') return failed ? [stale(chain, because)] : [];
  // The operator polls readiness and never comes back from Failed by itself (domain sheet, 1.4).
  if (isTrue(service, 'Ready') && (phase === 'Failed' || phase === 'Deploying') && failed !== 'BuildReady')
    return [stale(chain, because)];
  if (phase === 'Failed' || (failed && phase !== 'Deploying'))
    return [
      finding({
        code: failed === 'BuildReady' ? 'function-build-failed' : 'function-failed',
        level: isTrue(service, 'RoutesReady') ? 'warning' : 'critical',
        subject,
        conclusion: `${chain.name} is ${phase}: ${failed ? WORDS[failed] : 'the operator gives no reason'}${isTrue(service, 'RoutesReady') ? '; the revision before still serves' : ''}.`,
        because,
        nextStep:
          failed === 'DeployReady'
            ? `Does Knative accept changes? ${look('serving', {})}`
            : failed === 'SourceReady'
              ? `Is the store of sources up? ${look('storage', {})}`
              : `How did its builds end? ${look('builds', subject)}`,
      }),
    ];
  return [
    finding({
      code: 'function-in-progress',
      level: 'notice',
      subject,
      conclusion: `${chain.name} is ${phase}${phase === 'Deploying' ? ', a phase that has no time-out' : ''}.`,
      because,
      nextStep: `How far is its build? ${look('builds', subject)}`,
    }),
  ];
}

function isFalse(of: KnativeObject, type: string): boolean {
  return of.status.conditions?.some((one) => one.type === type && one.status === 'False') ?? false;
}

function stale(chain: FunctionChain, because: readonly string[]): Finding {
  const phase = chain.lambda?.status.phase;
  return finding({
    code: 'phase-stale',
    level: 'notice',
    subject: { kind: 'LambdaFunction', namespace: chain.namespace, name: chain.name },
    conclusion: `The operator says ${phase} of ${chain.name}, Knative says that it is ${isTrue(chain.service, 'Ready') ? 'ready' : 'not ready'}: the operator does not look again by itself.`,
    because: [...because, `service ${conditionText(chain.service, 'Ready') ?? 'Ready=not said'}`],
    nextStep: `Believe Knative and the pods: ${look('pods', { namespace: chain.namespace }, `-l serving.knative.dev/service=${chain.name}`)}`,
  });
}
