import type { Checkboxes, RadioButtons } from '@slack/types';
import { useId } from 'react';
import { attempt } from '../store.ts';
import { Mrkdwn } from '../text/mrkdwn.tsx';
import { useEntry } from './entry.ts';
import type { InInput } from './inputElement.ts';

/** Checkboxes or radio buttons. */
export function Choices({
  element,
  blockId,
  input,
}: {
  element: Checkboxes | RadioButtons;
  blockId: string;
  input?: InInput;
}) {
  const [chosen, choose] = useEntry(element, blockId, input);
  const name = useId();
  const radio = element.type === 'radio_buttons';
  const toggle = (value: string) => {
    if (radio) return choose([value]);
    return choose(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  };
  return (
    <fieldset className="choices" aria-labelledby={input ? `${input.id}-label` : undefined} id={input?.id}>
      {element.options.map((option) => {
        const value = option.value ?? '';
        return (
          <label key={value}>
            <input
              type={radio ? 'radio' : 'checkbox'}
              name={name}
              checked={chosen.includes(value)}
              onChange={() => attempt(toggle(value))}
            />
            <span>
              <Mrkdwn text={option.text.text} plain={option.text.type === 'plain_text'} />
              {option.description && <small>{option.description.text}</small>}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
