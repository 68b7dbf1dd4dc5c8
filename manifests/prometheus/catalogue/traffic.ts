import type { Names } from '../names.ts';

const POD = 'hello-nodejs-00007-deployment-6d5f8c7b9-k2m4p';

/** Labels of the function in the tests, as the recording rules normalise them. */
export const FUNCTION = { namespace: 'knative-lambda', function: 'hello-nodejs' } as const;

/** Requests of one function as the installed Knative counts them: `ok` and `failed` are promtool values. */
export function requestSeries(
  n: Names,
  ok: string,
  failed: string,
  namespace = 'knative-lambda',
): Record<string, string> {
  if (n.era === 'knative-1.18') {
    const base = `revision_app_request_count{namespace_name="${namespace}", service_name="hello-nodejs"`;
    return {
      [`${base}, response_code_class="2xx", response_code="200"}`]: ok,
      [`${base}, response_code_class="5xx", response_code="500"}`]: failed,
    };
  }
  const base = `${invocations(n)}_count{namespace="${namespace}", pod="${POD}"`;
  return {
    [`${base}, http_response_status_code="200"}`]: ok,
    [`${base}, http_response_status_code="500"}`]: failed,
  };
}

/** A latency histogram of one function: what is answered within 0.5 s, and all of it (the rest takes up to 5 s). */
export function latencySeries(n: Names, fast: string, all: string): Record<string, string> {
  const [metric, labels, unit] =
    n.era === 'knative-1.18'
      ? ([
          'revision_app_request_latencies',
          'namespace_name="knative-lambda", service_name="hello-nodejs"',
          1000,
        ] as const)
      : ([invocations(n), `namespace="knative-lambda", pod="${POD}"`, 1] as const);
  return {
    [`${metric}_bucket{${labels}, le="${0.5 * unit}"}`]: fast,
    [`${metric}_bucket{${labels}, le="${5 * unit}"}`]: all,
    [`${metric}_bucket{${labels}, le="+Inf"}`]: all,
  };
}

/** The activator's latency: answered within 2 s, and all of it (the rest takes up to 20 s). */
export function coldStartSeries(n: Names, fast: string, all: string): Record<string, string> {
  const [metric, labels, unit] =
    n.era === 'knative-1.18'
      ? (['activator_request_latencies', 'namespace_name="knative-lambda", service_name="hello-nodejs"', 1000] as const)
      : (['http_server_request_duration_seconds', 'namespace="knative-serving", pod="activator-1"', 1] as const);
  return {
    [`${metric}_bucket{${labels}, le="${2 * unit}"}`]: fast,
    [`${metric}_bucket{${labels}, le="${20 * unit}"}`]: all,
    [`${metric}_bucket{${labels}, le="+Inf"}`]: all,
    [`${n.era === 'knative-1.18' ? 'activator_request_count' : `${metric}_count`}{${labels}}`]: all,
  };
}

/** The labels the activator's latency has after recording: from 1.19 on it does not tell the function. */
export function coldStartLabels(n: Names): Record<string, string> {
  return n.era === 'knative-1.18' ? FUNCTION : { namespace: 'knative-serving' };
}

/** A series of the autoscaler for one revision. */
export function revisionSeries(
  n: Names,
  metrics: { old: string; current: string },
  values: string,
): Record<string, string> {
  return n.era === 'knative-1.18'
    ? {
        [`${metrics.old}{namespace_name="knative-lambda", service_name="hello-nodejs", revision_name="hello-nodejs-00007"}`]:
          values,
      }
    : {
        [`${metrics.current}{k8s_namespace_name="knative-lambda", kn_service_name="hello-nodejs", kn_revision_name="hello-nodejs-00007"}`]:
          values,
      };
}

export const REVISION = { ...FUNCTION, revision: 'hello-nodejs-00007' } as const;

function invocations(n: Names): string {
  return n.era === 'knative-1.19' ? 'kn_queueproxy_app_duration_seconds' : 'kn_serving_invocation_duration_seconds';
}
