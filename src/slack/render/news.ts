import { context, type Rendered, section } from './blocks.ts';
import { cutEscaped, escapeMrkdwn, oneLine, prose } from './mrkdwn.ts';

/** A line of news in an incident's thread. `mention` is the Slack id of a user group, or null. */
export function renderNews(news: { readonly text: string; readonly mention: string | null }): Rendered {
  const lines = news.text
    .split('\n')
    .slice(0, 10)
    .map((line) => prose(line, 700))
    .filter((line) => line !== '');
  const blocks: Rendered['blocks'] = [section(lines.length > 0 ? lines : ['Something changed.'])];
  if (news.mention !== null) blocks.push(context([`<!subteam^${news.mention}>`]));
  return { text: escapeMrkdwn(cutEscaped(oneLine(news.text), 300)) || 'Something changed.', blocks };
}
