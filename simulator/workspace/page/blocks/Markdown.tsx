import { each } from '../each.ts';
import { Code, Mrkdwn } from '../text/mrkdwn.tsx';

/** A markdown block: headings, lists and tables as far as messages need them; the rest is turned into mrkdwn. */
export function Markdown({ text }: { text: string }) {
  const parts = text.split(/(```[\s\S]*?```)/);
  return (
    <div className="markdown">
      {each(parts, (part) =>
        part.startsWith('```') ? (
          <Code text={part.slice(3, -3).replace(/^\w*\n/, '')} />
        ) : (
          each(
            part.split('\n').filter((line) => line.trim() !== ''),
            (line) => <Line line={line} />,
          )
        ),
      )}
    </div>
  );
}

function Line({ line }: { line: string }) {
  const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
  if (heading) {
    return (
      <h4>
        <Mrkdwn text={toMrkdwn(heading)} />
      </h4>
    );
  }
  const item = /^\s*(?:[-*]|(\d+\.)) (.+)$/.exec(line);
  return (
    <p className={item ? 'markdown-item' : undefined}>
      {item && `${item[1] ?? '•'} `}
      <Mrkdwn text={toMrkdwn(item?.[2] ?? line)} />
    </p>
  );
}

function toMrkdwn(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\((https?:[^)]+)\)/g, '<$2|$1>')
    .replace(/\*\*([^*]+)\*\*/g, '*$1*')
    .replace(/~~([^~]+)~~/g, '~$1~');
}
