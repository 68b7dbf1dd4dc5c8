import type { Button, Overflow } from '@slack/types';
import { useState } from 'react';
import { Icon } from '../Icon.tsx';
import { Menu } from '../Menu.tsx';
import { attempt } from '../store.ts';
import { withEmoji } from '../text/Emoji.tsx';
import { Choices } from './Choices.tsx';
import { askFirst } from './confirm.ts';
import { useHost } from './host.ts';
import type { AnyElement, InInput } from './inputElement.ts';
import { MultiSelect, Select, Suggested } from './Select.tsx';
import { TextInput } from './TextInput.tsx';

/** One interactive element. */
export function Element({ element, blockId, input }: { element: AnyElement; blockId: string; input?: InInput }) {
  const props = { blockId, ...(input ? { input } : {}) };
  switch (element.type) {
    case 'button':
      return <PushButton element={element} blockId={blockId} />;
    case 'overflow':
      return <OverflowMenu element={element} blockId={blockId} />;
    case 'static_select':
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
      return <Select element={element} {...props} />;
    case 'external_select':
    case 'multi_external_select':
      return <Suggested element={element} {...props} />;
    case 'multi_static_select':
    case 'multi_users_select':
    case 'multi_channels_select':
    case 'multi_conversations_select':
      return <MultiSelect element={element} {...props} />;
    case 'checkboxes':
    case 'radio_buttons':
      return <Choices element={element} {...props} />;
    case 'file_input':
    case 'workflow_button':
      return <p className="unshown">[{element.type} does not work in the simulated workspace]</p>;
    default:
      return <TextInput element={element} {...props} />;
  }
}

function PushButton({ element, blockId }: { element: Button; blockId: string }) {
  const host = useHost();
  const [busy, setBusy] = useState(false);
  const press = async () => {
    if (element.url) window.open(element.url, '_blank', 'noreferrer');
    if (!(await askFirst(element.confirm))) return;
    setBusy(true);
    try {
      await host.press(blockId, element.action_id ?? '', element.value ?? '');
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      className={`button button-${element.style ?? 'default'}`}
      aria-label={element.accessibility_label}
      aria-busy={busy}
      onClick={() => attempt(press())}
    >
      {withEmoji(element.text.text)}
    </button>
  );
}

function OverflowMenu({ element, blockId }: { element: Overflow; blockId: string }) {
  const host = useHost();
  const choose = async (value: string, url: string | undefined) => {
    if (url) window.open(url, '_blank', 'noreferrer');
    if (await askFirst(element.confirm)) await host.press(blockId, element.action_id ?? '', value);
  };
  return (
    <Menu label="More options" className="button overflow" trigger={<Icon name="more" />}>
      {(close) =>
        element.options.map((option) => (
          <button
            type="button"
            key={option.value ?? option.text.text}
            onClick={() => {
              close();
              attempt(choose(option.value ?? '', option.url));
            }}
          >
            {withEmoji(option.text.text)}
            {option.description && <small>{option.description.text}</small>}
          </button>
        ))
      }
    </Menu>
  );
}
