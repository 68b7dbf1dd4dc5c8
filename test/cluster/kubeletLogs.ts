import type { ServerResponse } from 'node:http';
import type { LogBook, LogLine } from '../../simulator/cluster/logBook.ts';
import type { ApiClient } from './apiClient.ts';

/**
 * `/containerLogs/NAMESPACE/POD/CONTAINER` as a kubelet serves it to the API server, with `tailLines`, `previous`,
 * `timestamps`, `limitBytes`, `sinceSeconds` and `sinceTime`.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/server/server.go (getContainerLogs)
 */
export async function answerLogs(logs: LogBook, admin: ApiClient, url: URL, response: ServerResponse): Promise<void> {
  const [, door, namespace, pod, container] = url.pathname.split('/').map(decodeURIComponent);
  if (door !== 'containerLogs' || !namespace || !pod || !container) {
    response.writeHead(404).end('404 page not found');
    return;
  }
  const asked = url.searchParams;
  const previous = asked.get('previous') === 'true';
  const refused = await refusal(admin, { namespace, pod, container, previous });
  if (refused) {
    response.writeHead(400).end(refused);
    return;
  }
  const source = logs.read({ namespace, pod, container, previous });
  const lines = source ? Array.from({ length: source.count }, (_, index) => source.line(index)) : [];
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(cut(chosen(lines, asked), asked.get('limitBytes')));
}

interface Wanted {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
}

/** What a kubelet says of a container that has not started, or never ran before: kuberuntime's validateContainerLogStatus. */
async function refusal(admin: ApiClient, { namespace, pod, container, previous }: Wanted): Promise<string | null> {
  const object = await admin.json('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`);
  const all = [...(object.status.initContainerStatuses ?? []), ...(object.status.containerStatuses ?? [])];
  const status = all.find((one) => one.name === container);
  if (!status) return `container "${container}" in pod "${pod}" is not available`;
  if (previous)
    return status.lastState?.terminated
      ? null
      : `previous terminated container "${container}" in pod "${pod}" not found`;
  const { waiting } = status.state;
  if (!waiting || status.lastState?.terminated) return null;
  const { reason } = waiting;
  if (reason === 'ErrImagePull')
    return `container "${container}" in pod "${pod}" is waiting to start: image can't be pulled`;
  if (reason === 'ImagePullBackOff')
    return `container "${container}" in pod "${pod}" is waiting to start: trying and failing to pull image`;
  return `container "${container}" in pod "${pod}" is waiting to start: ${reason}`;
}

function chosen(lines: readonly LogLine[], asked: URLSearchParams): string {
  const since = asked.get('sinceTime');
  const seconds = asked.get('sinceSeconds');
  const from = since ? Date.parse(since) : seconds ? Date.now() - Number(seconds) * 1000 : 0;
  const recent = lines.filter(({ at }) => at >= from);
  const tail = asked.get('tailLines');
  const last = tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
  const stamped = asked.get('timestamps') === 'true';
  return last
    .map(({ at, text }) => `${stamped ? `${new Date(at).toISOString().replace('Z', '000000Z')} ` : ''}${text}\n`)
    .join('');
}

/** A limit in bytes cuts wherever it falls, in the middle of a character too. */
function cut(text: string, limit: string | null): Buffer {
  const bytes = Buffer.from(text);
  return limit === null ? bytes : bytes.subarray(0, Number(limit));
}
