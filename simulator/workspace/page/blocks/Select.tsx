import type { ExternalSelect, MultiExternalSelect, MultiSelect as MultiSelects, Select as Selects } from '@slack/types';
import { useId, useState } from 'react';
import type { Option } from '../api.ts';
import { attempt, usePage } from '../store.ts';
import { useEntry } from './entry.ts';
import { useHost } from './host.ts';
import type { InInput } from './inputElement.ts';

type Single = Exclude<Selects, ExternalSelect>;
type Multi = Exclude<MultiSelects, MultiExternalSelect>;

interface Entry {
  readonly value: string;
  readonly text: string;
}

interface Group {
  readonly label: string;
  readonly entries: readonly Entry[];
}

/** One of several: the browser's own select, which phones and screen readers know. */
export function Select({ element, blockId, input }: { element: Single; blockId: string; input?: InInput }) {
  const [[value = ''], choose] = useEntry(element, blockId, input);
  const groups = useGroups(element);
  return (
    <select
      id={input?.id}
      className="select"
      aria-label={input ? undefined : (element.placeholder?.text ?? 'Choose')}
      value={value}
      onChange={(event) => attempt(choose([event.target.value]))}
    >
      <option value="" disabled>
        {element.placeholder?.text ?? 'Choose…'}
      </option>
      {groups.map((group) =>
        group.label ? (
          <optgroup key={group.label} label={group.label}>
            {options(group)}
          </optgroup>
        ) : (
          options(group)
        ),
      )}
    </select>
  );
}

/** Several of many, as checkboxes that unfold. */
export function MultiSelect({ element, blockId, input }: { element: Multi; blockId: string; input?: InInput }) {
  const [chosen, choose] = useEntry(element, blockId, input);
  const entries = useGroups(element).flatMap((group) => group.entries);
  const most = element.max_selected_items ?? Number.POSITIVE_INFINITY;
  const names = entries.filter((entry) => chosen.includes(entry.value)).map((entry) => entry.text);
  return (
    <details className="multi">
      <summary id={input?.id}>{names.join(', ') || element.placeholder?.text || 'Choose…'}</summary>
      {entries.map((entry) => {
        const on = chosen.includes(entry.value);
        const next = on ? chosen.filter((one) => one !== entry.value) : [...chosen, entry.value];
        return (
          <label key={entry.value}>
            <input
              type="checkbox"
              checked={on}
              disabled={!on && chosen.length >= most}
              onChange={() => attempt(choose(next))}
            />
            {entry.text}
          </label>
        );
      })}
    </details>
  );
}

/** Options that the app offers for what is typed. */
export function Suggested({
  element,
  blockId,
  input,
}: {
  element: ExternalSelect | MultiExternalSelect;
  blockId: string;
  input?: InInput;
}) {
  const host = useHost();
  const [chosen, choose] = useEntry(element, blockId, input);
  const [offered, setOffered] = useState<readonly Option[]>([]);
  const [typed, setTyped] = useState(chosen.join(', '));
  const list = useId();
  const look = async (text: string) => {
    setTyped(text);
    const picked = offered.find((option) => option.text.text === text);
    if (picked) {
      await choose(element.type === 'external_select' ? [picked.value ?? ''] : [...chosen, picked.value ?? '']);
      return;
    }
    if (text.length < (element.min_query_length ?? 3)) return;
    setOffered(await host.suggest(blockId, element.action_id ?? '', text));
  };
  return (
    <span className="suggested">
      <input
        type="text"
        id={input?.id}
        list={list}
        value={typed}
        aria-label={input ? undefined : (element.placeholder?.text ?? 'Type to search')}
        placeholder={element.placeholder?.text ?? 'Type to search'}
        onFocus={() => element.min_query_length === 0 && attempt(look(typed))}
        onChange={(event) => attempt(look(event.target.value))}
      />
      <datalist id={list}>
        {offered.map((option) => (
          <option key={option.value} value={option.text.text} />
        ))}
      </datalist>
    </span>
  );
}

function options(group: Group) {
  return group.entries.map((entry) => (
    <option key={entry.value} value={entry.value}>
      {entry.text}
    </option>
  ));
}

/** The entries of a select: its own options, or the people and channels of the workspace. */
function useGroups(element: Single | Multi): readonly Group[] {
  const workspace = usePage((state) => state.workspace);
  if ('options' in element && element.options) return [{ label: '', entries: element.options.map(toEntry) }];
  if ('option_groups' in element && element.option_groups) {
    return element.option_groups.map((group) => ({ label: group.label.text, entries: group.options.map(toEntry) }));
  }
  const people = element.type.endsWith('users_select');
  const entries = people
    ? workspace?.users.map((user) => ({ value: user.id, text: user.real_name }))
    : workspace?.channels
        .filter((channel) => !channel.is_im)
        .map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
  return [{ label: '', entries: entries ?? [] }];
}

function toEntry(option: { text: { text: string }; value?: string }): Entry {
  return { value: option.value ?? '', text: option.text.text };
}
