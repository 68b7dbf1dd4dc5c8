import { useState } from 'react';
import type { Entered } from '../shapes.ts';
import { askFirst } from './confirm.ts';
import { type BlockHost, useHost } from './host.ts';
import type { AnyElement, InInput } from './inputElement.ts';

/**
 * What is chosen in an element, and how to choose. In an input block the app hears only on submission, unless the block
 * dispatches; everywhere else at once, after the element's confirmation.
 */
export function useEntry(
  element: AnyElement,
  blockId: string,
  input: InInput | undefined,
): readonly [chosen: readonly string[], choose: (values: readonly string[]) => Promise<void>] {
  const host = useHost();
  const actionId = element.action_id ?? '';
  const [chosen, setChosen] = useState<readonly string[]>(() => start(host, element, blockId));
  const choose = async (values: readonly string[]) => {
    const before = chosen;
    setChosen(values);
    const value = isMany(element) ? values : (values[0] ?? '');
    if (input) host.enter(blockId, actionId, value);
    if (input && !input.dispatches) return;
    if (!(await askFirst('confirm' in element ? element.confirm : undefined))) {
      setChosen(before);
      return;
    }
    await host.press(blockId, actionId, value);
  };
  return [chosen, choose];
}

function isMany(element: AnyElement): boolean {
  return element.type.startsWith('multi_') || element.type === 'checkboxes';
}

/** What was entered before, else what the element begins with. */
function start(host: BlockHost, element: AnyElement, blockId: string): readonly string[] {
  const entered = host.entered(blockId, element.action_id ?? '');
  if (entered) return valuesOf(entered);
  return valuesOf(Object.fromEntries(Object.entries(element).filter(([key]) => key.startsWith('initial_'))));
}

/** The values in whichever of Slack's fields hold them: options, ids, dates or text. */
function valuesOf(entered: Entered): readonly string[] {
  return Object.entries(entered).flatMap(([key, value]) => {
    if (key === 'type' || value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.map(optionValue);
    return [optionValue(value)];
  });
}

function optionValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'value' in value) return String(value.value);
  return typeof value === 'object' ? '' : String(value);
}
