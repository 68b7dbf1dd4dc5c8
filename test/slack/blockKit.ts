/** Slack's limits on what a message may hold, as documented at https://docs.slack.dev/reference/block-kit. */

const TEXT_MAX = { section: 3000, header: 150, context: 3000, button: 75, option: 75 } as const;

/** Everything about these blocks that Slack would refuse, in words; [] when it would take them. */
export function refusals(blocks: readonly object[]): readonly string[] {
  const found: string[] = [];
  if (blocks.length > 50) found.push(`${blocks.length} blocks`);
  const total = strings(blocks).reduce((sum, text) => sum + text.length, 0);
  if (total > 13_200) found.push(`${total} characters in all`);
  for (const block of blocks) found.push(...refusalsOf(block as Record<string, unknown>));
  return found;
}

function refusalsOf(block: Record<string, unknown>): readonly string[] {
  switch (block.type) {
    case 'header':
      return text(block.text, TEXT_MAX.header, 'plain_text', 'header');
    case 'section':
      return text(block.text, TEXT_MAX.section, 'mrkdwn', 'section');
    case 'context':
      return list(block.elements, 10, 'context', (element) => text(element, TEXT_MAX.context, 'mrkdwn', 'context'));
    case 'actions':
      return list(block.elements, 25, 'actions', (element) => action(element as Record<string, unknown>));
    default:
      return [`unexpected block ${String(block.type)}`];
  }
}

function action(element: Record<string, unknown>): readonly string[] {
  const found = length(element.action_id, 255, 'action_id');
  if (element.type === 'button')
    return [
      ...found,
      ...text(element.text, TEXT_MAX.button, 'plain_text', 'button'),
      ...length(element.value, 2000, 'value'),
    ];
  if (element.type !== 'overflow') return [...found, `unexpected element ${String(element.type)}`];
  return [
    ...found,
    ...list(element.options, 5, 'overflow', (option) => {
      const { text: label, value } = option as Record<string, unknown>;
      return [...text(label, TEXT_MAX.option, 'plain_text', 'option'), ...length(value, 75, 'option value')];
    }),
  ];
}

function list(
  items: unknown,
  max: number,
  what: string,
  each: (item: unknown) => readonly string[],
): readonly string[] {
  if (!Array.isArray(items) || items.length === 0) return [`${what} without elements`];
  return [...(items.length > max ? [`${what} has ${items.length} elements`] : []), ...items.flatMap(each)];
}

function text(value: unknown, max: number, type: string, what: string): readonly string[] {
  const object = value as { type?: unknown; text?: unknown } | undefined;
  return [...(object?.type === type ? [] : [`${what} is not ${type}`]), ...length(object?.text, max, what)];
}

function length(value: unknown, max: number, what: string): readonly string[] {
  if (typeof value !== 'string' || value.length === 0) return [`${what} is empty`];
  if (!value.isWellFormed()) return [`${what} is cut inside a character`];
  return value.length > max ? [`${what} has ${value.length} characters`] : [];
}

/** Every text a reader sees, wherever it stands in the blocks. */
export function strings(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === 'text' && typeof part === 'string' ? [part] : strings(part),
  );
}

/** Every text Slack reads markup in. */
export function mrkdwn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(mrkdwn);
}

/** What is left of a text once links, dates and mentions of single users are taken out: nothing live may remain. */
export function liveMarkup(mrkdwn: string): readonly string[] {
  const found = [...mrkdwn.matchAll(/<[^>]*>/g)].map(([markup]) => markup);
  const harmless = /^<(https?:\/\/[^|<>]+(\|[^<>]*)?|!date\^\d+\^[^<>]*\|[^<>]*|@[UW][A-Z0-9]+)>$/;
  return found.filter((markup) => !harmless.test(markup));
}
