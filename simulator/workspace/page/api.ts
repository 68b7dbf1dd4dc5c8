import type { Chosen, Message, Personal, WorkspaceInfo } from './shapes.ts';

async function read<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init);
  const answer = (await response.json()) as Answer & { error?: string }; // our own server, described in shapes.ts
  if (!response.ok) throw new Error(answer.error ?? `${path} answered ${response.status}`);
  return answer;
}

function send<Answer = unknown>(path: string, body: object): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return read<Answer>(path, init);
}

export interface Option {
  readonly text: { readonly type: 'plain_text'; readonly text: string };
  readonly value?: string;
}

/** One press or choice, in a message (channel and ts) or a view. */
export interface Press {
  readonly user: string;
  readonly channel?: string;
  readonly ts?: string;
  readonly view?: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly value?: Chosen;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly fix: string;
}

export interface Run {
  readonly id: string;
  readonly scenario: string;
  readonly title: string;
  readonly state: string;
  readonly drill: boolean;
  readonly speed: number;
  readonly startedAt: number;
  readonly firing: number;
  readonly fix: string;
  readonly problem: string | null;
}

/** Everything the page asks of the workspace. */
export const api = {
  workspace: () => read<WorkspaceInfo>('/ui/workspace'),
  channel: (id: string) => read<{ messages: Message[] }>(`/ui/channel/${id}`),
  personal: (user: string) => read<Personal>(`/ui/personal/${user}`),
  command: (typed: { user: string; channel: string; text: string; thread?: string }) => send('/control/command', typed),
  message: (typed: { user: string; channel: string; text: string; thread?: string }) => send('/control/message', typed),
  click: (press: Press) => send('/control/click', press),
  submit: (given: { user: string; view: string; blocks: Record<string, Record<string, Chosen>> }) =>
    send('/control/viewSubmit', given),
  closeView: (user: string) => send('/control/viewClose', { user }),
  openHome: (user: string) => send('/control/openHome', { user }),
  suggest: (press: Press) => send<{ options: Option[] }>('/control/suggest', press),
  shortcut: (used: { user: string; callbackId: string; channel?: string; ts?: string }) =>
    send('/control/shortcut', used),
  react: (given: { user: string; channel: string; ts: string; name: string; remove: boolean }) =>
    send('/control/react', given),
  pin: (given: { user: string; channel: string; ts: string; remove: boolean }) => send('/control/pin', given),
  remove: (given: { user: string; channel: string; ts: string }) => send('/control/deleteMessage', given),
  direct: (user: string) => send<{ channel: string }>('/control/direct', { user }),
  scenarios: () => read<{ scenarios: Scenario[] }>('/ui/scenarios'),
  runs: () => read<{ runs: Run[] }>('/ui/scenarios/runs'),
  startScenario: (id: string, drill: boolean) => send(`/ui/scenarios/${id}/start`, { drill }),
  endRun: (id: string) => send(`/ui/scenarios/runs/${id}/end`, {}),
  healRun: (id: string) => send(`/ui/scenarios/runs/${id}/heal`, {}),
  speed: (factor: number) => send('/ui/scenarios/speed', { factor }),
};
