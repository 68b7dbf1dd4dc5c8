import type { ReactNode } from 'react';
import { each } from '../each.ts';
import { emojiOf } from './emoji.ts';

/** An emoji as a character of the text: those drawn as pictures by themselves, and the older symbols Slack draws so too. */
const PICTURED = /(\p{RGI_Emoji}|(?![#*\d©®™↔-↪])\p{Emoji}\uFE0F?)/v;
const SHORTCODE = /(:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)/;

/** An emoji by its shortcode; one that is not known is shown as it was written. */
export function Emoji({ name }: { name: string }) {
  const character = emojiOf(name);
  return character ? (
    <Picture character={character} label={name.replaceAll('_', ' ')} title={`:${name}:`} />
  ) : (
    `:${name}:`
  );
}

/** Plain text with its emoji drawn, so that they look the same on a machine without an emoji font. */
export function pictured(text: string): ReactNode[] {
  return each(text.split(PICTURED), (part, index) => (index % 2 === 1 ? <Picture character={part} /> : part));
}

/** The same, with `:shortcodes:` too. */
export function withEmoji(text: string): ReactNode[] {
  return each(text.split(SHORTCODE), (part, index) =>
    index % 2 === 1 && emojiOf(part.slice(1, -1)) ? <Emoji name={part.slice(1, -1)} /> : pictured(part),
  );
}

/** The alternative text is the character itself, so that copied text and a missing picture keep it. */
export function Picture({ character, label, title }: { character: string; label?: string; title?: string }) {
  return (
    <img
      className="emoji"
      src={`/emoji/${fileName(character)}.svg`}
      alt={character}
      aria-label={label}
      title={title}
      draggable={false}
    />
  );
}

/** Twemoji's file names: code points in hex; the variation selector only where several emoji are joined. */
function fileName(character: string): string {
  const points = [...character].map((one) => (one.codePointAt(0) ?? 0).toString(16));
  return (points.includes('200d') ? points : points.filter((point) => point !== 'fe0f')).join('-');
}
