import type { App, BlockAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { refusePerson } from '../../commands/access.ts';
import { countAlerts, type IncidentWithAlerts } from '../../incidents/incident.ts';
import { stillFiring, whatRepeatsDo } from '../../incidents/life/repeats.ts';
import { headline, sentenceOf } from '../../incidents/sentence.ts';
import type { Logger } from '../../logger.ts';
import { counted } from '../../wording/counts.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import type { Incidents } from '../ports.ts';
import { section } from '../render/blocks.ts';
import { date, plain, prose } from '../render/mrkdwn.ts';
import { decodePress, PRESS_PREFIX } from '../render/press.ts';
import { type Door, notStored } from './door.ts';
import type { Guard } from './standing.ts';

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
    hint: 'Goes into the post-mortem. Leave it empty when nobody knows yet.',
    optional: true,
  },
} as const;
const NOT_KNOWN = 'Not known yet';
/** What mostly ends an incident, to choose instead of typing. */
const FIXES = [
  'Rolled back',
  'Restarted',
  'Raised a limit or quota',
  'Corrected a configuration or Secret',
  'Scaled up',
  'Repaired a dependency',
  'It ended by itself',
] as const;
type FormName = keyof typeof FORMS;

/** Block and action id of the text in a form. */
const TEXT = 'text';
const FIXED = 'fixed';
const CALLBACK = `${PRESS_PREFIX}form`;

/** The trigger is good for three seconds; there is nothing to try again with. */
const LOOKUP_MS = 1_000;
const OPEN_MS = 1_500;

interface FormParts {
  readonly api: SlackApi;
  readonly guard: Guard;
  readonly incidents: Pick<Incidents, 'find'>;
  readonly reopenWindowMs: number;
  readonly log: Logger;
}

/** Menu entries that open a form, and the form's submission. */
export function listenToForms(app: App, door: Door, parts: FormParts): void {
  const { incidents, guard, reopenWindowMs, log } = parts;
  app.action<BlockAction>({ type: 'block_actions' }, async ({ body, action, ack }) => {
    const form = readForm(action);
    if (form === null) return;
    await ack();
    const kept = {
      ...form,
      channel: body.channel?.id ?? null,
      threadTs: body.message?.thread_ts ?? body.message?.ts ?? null,
    };
    const user = { id: body.user.id, name: body.user.name ?? null };
    const asked = { user: user.id, channel: kept.channel, threadTs: kept.threadTs, shared: false };
    if (refusePerson(await guard.look(asked, AbortSignal.timeout(LOOKUP_MS))) !== null) {
      // Whoever may not is told as at any other button, and sees nothing of the incident. Should Slack say only later who it
      // is, the answer is how the incident is: nothing is resolved that no form asked about.
      await door.hand(askedOf(kept, user, `form:${body.trigger_id}`, `status ${form.number}`));
      return;
    }
    // Without the incident the form asks as well.
    const known = await incidents.find(form.number).catch(() => null);
    const view = formView(form, known, reopenWindowMs, JSON.stringify(kept));
    await openView(parts.api, body.trigger_id, view).catch((err: unknown) =>
      log.warn({ err, form: form.name }, 'a form could not be opened'),
    );
  });
  app.view(CALLBACK, async ({ body, view, ack }) => {
    const kept = readKept(view.private_metadata);
    if (kept === null) return ack();
    const picked = view.state.values[FIXED]?.[FIXED]?.selected_option?.text.text ?? '';
    const written = view.state.values[TEXT]?.[TEXT]?.value?.trim() ?? '';
    const text = [picked === NOT_KNOWN ? '' : picked, written].filter((part) => part !== '').join(': ');
    const user = { id: body.user.id, name: body.user.name ?? null };
    const command = `${kept.name} --incident=${kept.number} -- ${text}`.trimEnd();
    const handed = await door.hand(askedOf(kept, user, `form:${view.id}:${view.hash}`, command));
    if (handed === 'stored') return ack();
    // The form stays open, so that nothing that was written is lost.
    return ack({ response_action: 'errors', errors: { [TEXT]: notStored(handed) } });
  });
}

async function openView(api: SlackApi, trigger: string, view: ModalView): Promise<void> {
  const slot = { method: 'views.open', channel: null, priority: 'person' } as const;
  await api.call(slot, AbortSignal.timeout(OPEN_MS), (client) => client.views.open({ trigger_id: trigger, view }));
}

/** A command that comes from a form. */
function askedOf(kept: Kept, user: { readonly id: string; readonly name: string | null }, id: string, text: string) {
  return {
    id,
    text,
    door: 'button',
    user: user.id,
    userName: user.name,
    channel: kept.channel,
    threadTs: kept.threadTs,
    inThread: false,
    external: false,
    incidentNumber: kept.number,
    responseUrl: null,
    replacesOriginal: false,
  } as const;
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

function formView(
  { name, number }: Form,
  known: IncidentWithAlerts | null,
  reopenWindowMs: number,
  kept: string,
): ModalView {
  const form = FORMS[name];
  const text = { type: 'plain_text_input', action_id: TEXT, multiline: true, max_length: 2_000 } as const;
  return {
    type: 'modal',
    callback_id: CALLBACK,
    private_metadata: kept,
    title: { type: 'plain_text', text: `${form.title} #${number}`.slice(0, 24) },
    submit: { type: 'plain_text', text: form.submit },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      ...(name === 'resolve' && known !== null ? resolveBlocks(known, reopenWindowMs) : []),
      {
        type: 'input',
        block_id: TEXT,
        optional: form.optional,
        label: { type: 'plain_text', text: name === 'resolve' ? 'In your words' : form.label },
        hint: { type: 'plain_text', text: form.hint },
        element: name === 'resolve' ? text : { ...text, focus_on_load: true },
      },
    ],
  };
}

/** What is told about, what still fires, and what fixed it to choose from, the diagnosis' advice first. */
function resolveBlocks(known: IncidentWithAlerts, reopenWindowMs: number): ModalView['blocks'] {
  const { action } = sentenceOf(known.incident);
  const choices = [NOT_KNOWN, ...(action === null ? [] : [action]), ...FIXES].map((choice, at) => ({
    text: { type: 'plain_text', text: plain(choice, 75) } as const,
    value: String(at),
  }));
  const [first] = choices;
  return [
    section([prose(headline(known.incident, 200), 300), stillFires(known, reopenWindowMs)]),
    {
      type: 'input',
      block_id: FIXED,
      optional: true,
      label: { type: 'plain_text', text: FORMS.resolve.label },
      element: {
        type: 'static_select',
        action_id: FIXED,
        options: choices,
        ...(first ? { initial_option: first } : {}),
      },
    },
  ];
}

/** What is known of whether its alerts fire, and what resolving means for those that do (docs/rules.md#reopen). */
export function stillFires(known: IncidentWithAlerts, reopenWindowMs: number): string {
  const { firing } = countAlerts(known);
  const { staleSince, truncatedAlerts } = known.incident;
  if (staleSince !== null)
    return `🕰️ *Nothing was heard since ${date(staleSince)}*: whether its alerts still fire is not known.`;
  if (firing > 0) return `⚠️ *${stillFiring(firing)}*: ${whatRepeatsDo(firing, reopenWindowMs)}`;
  return truncatedAlerts > 0
    ? `❔ None of the alerts that were sent fires; *${counted(truncatedAlerts, 'alert was', 'alerts were')} left out by Alertmanager* and may.`
    : '✅ None of its alerts fires.';
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
