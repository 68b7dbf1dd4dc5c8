import type { App, BlockAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { Logger } from '../../logger.ts';
import { decodePress, PRESS_PREFIX } from '../render/press.ts';
import { type Door, notStored } from './door.ts';

/** What a form is for; each becomes the same command as if it were typed. */
const FORMS = {
  note: {
    title: 'Note',
    label: 'What should the timeline say?',
    submit: 'Add',
    hint: 'Goes into the post-mortem, word for word.',
    optional: false,
  },
  resolve: {
    title: 'Resolve',
    label: 'What fixed it?',
    submit: 'Resolve',
    hint: 'Leave it empty when nobody knows yet.',
    optional: true,
  },
} as const;
type FormName = keyof typeof FORMS;

/** Block and action id of the text in a form. */
const TEXT = 'text';
const CALLBACK = `${PRESS_PREFIX}form`;

/** Menu entries that open a form, and the form's submission. */
export function listenToForms(app: App, door: Door, log: Logger): void {
  app.action<BlockAction>({ type: 'block_actions' }, async ({ body, action, ack, client }) => {
    const form = readForm(action);
    if (form === null) return;
    await ack();
    const kept = {
      ...form,
      channel: body.channel?.id ?? null,
      threadTs: body.message?.thread_ts ?? body.message?.ts ?? null,
    };
    // The trigger is good for three seconds; there is nothing to try again with.
    await client.views
      .open({ trigger_id: body.trigger_id, view: formView(form.name, form.number, JSON.stringify(kept)) })
      .catch((err: unknown) => log.warn({ err, form: form.name }, 'a form could not be opened'));
  });
  app.view(CALLBACK, async ({ body, view, ack }) => {
    const kept = readKept(view.private_metadata);
    if (kept === null) return ack();
    const text = view.state.values[TEXT]?.[TEXT]?.value?.trim() ?? '';
    const handed = await door.hand({
      id: `form:${view.id}:${view.hash}`,
      text: `${kept.name} --incident=${kept.number} -- ${text}`.trimEnd(),
      door: 'button',
      user: body.user.id,
      userName: body.user.name ?? null,
      channel: kept.channel,
      threadTs: kept.threadTs,
      inThread: false,
      external: false,
      incidentNumber: kept.number,
      responseUrl: null,
      replacesOriginal: false,
    });
    if (handed === 'stored') return ack();
    // The form stays open, so that nothing that was written is lost.
    return ack({ response_action: 'errors', errors: { [TEXT]: notStored(handed) } });
  });
}

interface Form {
  readonly name: FormName;
  readonly number: number;
}

/** The form a press asks for; null for any other press. */
export function readForm(action: BlockAction['actions'][number]): Form | null {
  const value =
    action.type === 'overflow' ? action.selected_option?.value : action.type === 'button' ? action.value : null;
  const press = action.action_id.startsWith(PRESS_PREFIX) && value ? decodePress(value) : null;
  if (press === null || press.incidentNumber === null) return null;
  const name = (Object.keys(FORMS) as readonly FormName[]).find((one) => press.command === `form ${one}`); // keys of a const object
  return name ? { name, number: press.incidentNumber } : null;
}

function formView(name: FormName, number: number, kept: string): ModalView {
  const form = FORMS[name];
  return {
    type: 'modal',
    callback_id: CALLBACK,
    private_metadata: kept,
    title: { type: 'plain_text', text: `${form.title} #${number}`.slice(0, 24) },
    submit: { type: 'plain_text', text: form.submit },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      {
        type: 'input',
        block_id: TEXT,
        optional: form.optional,
        label: { type: 'plain_text', text: form.label },
        hint: { type: 'plain_text', text: form.hint },
        element: { type: 'plain_text_input', action_id: TEXT, multiline: true, max_length: 2_000, focus_on_load: true },
      },
    ],
  };
}

interface Kept extends Form {
  readonly channel: string | null;
  readonly threadTs: string | null;
}

/** What the form was opened with; it went to Slack and back. */
function readKept(text: string): Kept | null {
  try {
    const kept: Partial<Kept> = JSON.parse(text);
    const { name, number, channel = null, threadTs = null } = kept;
    return name && name in FORMS && Number.isSafeInteger(number)
      ? { name, number: Number(number), channel, threadTs }
      : null;
  } catch {
    return null;
  }
}
