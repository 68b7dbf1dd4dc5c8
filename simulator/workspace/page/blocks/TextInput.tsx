import type {
  Datepicker,
  DateTimepicker,
  EmailInput,
  NumberInput,
  PlainTextInput,
  RichTextInput,
  Timepicker,
  URLInput,
} from '@slack/types';
import { attempt } from '../store.ts';
import { useEntry } from './entry.ts';
import type { InInput } from './inputElement.ts';

type Typed =
  | Datepicker
  | DateTimepicker
  | EmailInput
  | NumberInput
  | PlainTextInput
  | RichTextInput
  | Timepicker
  | URLInput;

const TYPES: Readonly<Record<Typed['type'], string>> = {
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
  plain_text_input: 'text',
  rich_text_input: 'text',
};

/** Text, numbers, dates and times. */
export function TextInput({ element, blockId, input }: { element: Typed; blockId: string; input?: InInput }) {
  const [[value = ''], choose] = useEntry(element, blockId, input);
  const placeholder = 'placeholder' in element ? element.placeholder?.text : undefined;
  const common = {
    id: input?.id,
    placeholder,
    'aria-label': input ? undefined : (placeholder ?? 'Value'),
    autoFocus: 'focus_on_load' in element && element.focus_on_load === true,
  };
  if (element.type === 'rich_text_input' || (element.type === 'plain_text_input' && element.multiline)) {
    return <textarea {...common} rows={4} value={value} onChange={(event) => attempt(choose([event.target.value]))} />;
  }
  const isTime = element.type === 'datetimepicker';
  const limits =
    element.type === 'plain_text_input' ? { minLength: element.min_length, maxLength: element.max_length } : {};
  return (
    <input
      {...common}
      {...limits}
      type={TYPES[element.type]}
      step={element.type === 'number_input' && element.is_decimal_allowed ? 'any' : undefined}
      value={isTime ? toLocal(value) : value}
      onChange={(event) => attempt(choose([isTime ? fromLocal(event.target.value) : event.target.value]))}
    />
  );
}

/** Seconds since the epoch to what `datetime-local` shows, in the reader's zone, and back. */
function toLocal(seconds: string): string {
  if (!seconds) return '';
  const date = new Date(Number(seconds) * 1000);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function fromLocal(text: string): string {
  return text ? String(Math.floor(new Date(text).getTime() / 1000)) : '';
}
