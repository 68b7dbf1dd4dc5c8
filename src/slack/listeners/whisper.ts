import type { SlackApi } from '../delivery/slackApi.ts';

/** Says something to one person where they are, which nobody else sees. A courtesy: it never rejects. */
export async function whisper(
  api: SlackApi,
  to: { readonly channel: string; readonly user: string; readonly threadTs: string | null },
  text: string,
): Promise<void> {
  const { channel, user, threadTs } = to;
  const slot = { method: 'chat.postEphemeral', channel: null, priority: 'person' } as const;
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  await api
    .call(slot, AbortSignal.timeout(5_000), (client) => client.chat.postEphemeral({ channel, user, text, ...thread }))
    .catch(() => {});
}
