import { ApiError } from '../api/apiError.ts';
import { isObject } from '../blocks/blockIds.ts';
import { checkView } from '../blocks/checkView.ts';
import type { Ack } from '../delivery/ack.ts';
import type { Json, Values, View } from '../state.ts';
import { changeView, closeModal, findView, makeView, publicView, publishView, pushModal } from '../views.ts';
import type { World } from '../world.ts';
import { interactionFrame, newTrigger } from './origin.ts';

/** The outcome of a submission: the modal closed, changed, or stayed with errors by block id. */
export interface Submitted {
  readonly ack: Ack['outcome'];
  readonly errors: Readonly<Record<string, string>>;
  /** The modal the person sees now, if any. */
  readonly top: Json | null;
}

/** The top modal of a person is submitted with what was entered. Required inputs left empty never reach the app. */
export async function submitView(world: World, user: string, viewId?: string): Promise<Submitted> {
  const view = viewId ? findView(world, viewId) : world.state.modals.get(user)?.at(-1);
  if (!view || view.user !== user || view.type !== 'modal') throw new ApiError('not_found');
  const missing = missingValues(view);
  if (Object.keys(missing).length > 0) {
    view.errors = missing;
    publishView(world, view);
    return { ack: 'acked', errors: missing, top: topView(world, user) };
  }
  const ack = await world.outbound.interactive('interactive', {
    ...interactionFrame(world, 'view_submission', user),
    trigger_id: newTrigger(world, user, view.id),
    view: publicView(view),
    response_urls: [],
  });
  if (ack.outcome !== 'acked') {
    view.errors = { '': 'We had some trouble connecting. Try again?' };
    publishView(world, view);
  } else {
    applyAnswer(world, view, ack.body);
  }
  return { ack: ack.outcome, errors: view.errors, top: topView(world, user) };
}

/** A person closes the top modal; the app hears of it only with `notify_on_close`. */
export async function closeView(world: World, user: string): Promise<void> {
  const view = world.state.modals.get(user)?.at(-1);
  if (!view) return;
  if (view.body.clear_on_close === true) world.state.modals.set(user, [view]);
  closeModal(world, view);
  if (view.body.notify_on_close !== true) return;
  await world.outbound.interactive('interactive', {
    ...interactionFrame(world, 'view_closed', user),
    view: publicView(view),
    is_cleared: view.body.clear_on_close === true,
  });
}

function applyAnswer(world: World, view: View, body: Json | string | null): void {
  const action = isObject(body) ? body.response_action : undefined;
  if (!isObject(body) || action === undefined) {
    closeModal(world, view);
    return;
  }
  if (action === 'clear') {
    world.state.modals.delete(view.user);
    world.changes.publish({ kind: 'modals', user: view.user });
    return;
  }
  if (action === 'errors') {
    view.errors = isObject(body.errors)
      ? Object.fromEntries(Object.entries(body.errors).map(([block, text]) => [block, String(text)]))
      : {};
    publishView(world, view);
    return;
  }
  const next = checkedView(world, view, body.view);
  if (!next) return;
  if (action === 'update') changeView(world, view, next);
  else pushModal(world, makeView(world, view.user, next, view));
}

/** A view in an acknowledgement that Slack would refuse leaves the modal open with its complaint. */
function checkedView(world: World, shown: View, given: unknown): Json | undefined {
  try {
    return checkView(world, given, 'modal');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    shown.errors = { '': `We had some trouble connecting. Try again? (${error.code})` };
    publishView(world, shown);
    return undefined;
  }
}

function topView(world: World, user: string): Json | null {
  const top = world.state.modals.get(user)?.at(-1);
  return top ? publicView(top) : null;
}

function missingValues(view: View): Record<string, string> {
  const missing: Record<string, string> = {};
  const blocks = view.body.blocks as Json[]; // makeView stores a list of objects
  for (const block of blocks) {
    if (block.type !== 'input' || block.optional === true) continue;
    const id = String(block.block_id);
    if (isEmpty(view.values[id])) missing[id] = 'Please complete this required field.';
  }
  return missing;
}

function isEmpty(values: Values[string] | undefined): boolean {
  const value = Object.values(values ?? {})[0];
  if (!value) return true;
  const entered = Object.entries(value).find(([key]) => key !== 'type')?.[1];
  return (
    entered === null || entered === undefined || entered === '' || (Array.isArray(entered) && entered.length === 0)
  );
}
