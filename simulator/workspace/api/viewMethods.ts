import { checkView } from '../blocks/checkView.ts';
import type { Json, View } from '../state.ts';
import { changeView, findView, makeView, publicView, publishView, pushModal } from '../views.ts';
import type { World } from '../world.ts';
import { ApiError } from './apiError.ts';
import type { Args } from './args.ts';
import type { Handler } from './webMethod.ts';

const STACK = 3;

export const open: Handler = (args, world) => {
  const body = checkView(world, args.json('view', 'invalid_arguments'), 'modal');
  refuseDuplicate(world, body);
  const trigger = useTrigger(args, world);
  world.state.modals.delete(trigger.user);
  const view = makeView(world, trigger.user, body);
  pushModal(world, view);
  return { view: publicView(view) };
};

export const push: Handler = (args, world) => {
  const body = checkView(world, args.json('view', 'invalid_arguments'), 'modal');
  refuseDuplicate(world, body);
  const trigger = useTrigger(args, world);
  const stack = world.state.modals.get(trigger.user) ?? [];
  const top = stack.at(-1);
  if (!top) throw new ApiError('not_found');
  if (stack.length >= STACK) throw new ApiError('push_limit_reached');
  const view = makeView(world, trigger.user, body, top);
  pushModal(world, view);
  return { view: publicView(view) };
};

export const update: Handler = (args, world) => {
  const view = args.has('external_id')
    ? findByExternalId(world, args.required('external_id'))
    : findView(world, args.required('view_id'));
  if (!view) throw new ApiError('not_found');
  const body = checkView(world, args.json('view', 'invalid_arguments'), view.type);
  if (args.has('hash') && args.text('hash') !== view.hash) throw new ApiError('hash_conflict');
  changeView(world, view, body);
  return { view: publicView(view) };
};

export const publish: Handler = (args, world) => {
  if (!world.manifest.homeEnabled) throw new ApiError('not_enabled');
  const user = args.required('user_id');
  if (!world.state.users.has(user)) throw new ApiError('user_not_found');
  const body = checkView(world, args.json('view', 'invalid_arguments'), 'home');
  const existing = world.state.homes.get(user);
  if (existing && args.has('hash') && args.text('hash') !== existing.hash) throw new ApiError('hash_conflict');
  if (existing) {
    changeView(world, existing, body);
    return { view: publicView(existing) };
  }
  const view = makeView(world, user, body);
  world.state.homes.set(user, view);
  publishView(world, view);
  return { view: publicView(view) };
};

/** A trigger works once and for three seconds. */
function useTrigger(args: Args, world: World): { readonly user: string } {
  const trigger = world.state.triggers.get(args.required('trigger_id'));
  if (!trigger) throw new ApiError('invalid_trigger_id');
  if (trigger.used) throw new ApiError('exchanged_trigger_id');
  if (trigger.expiresAt <= world.now()) throw new ApiError('expired_trigger_id');
  trigger.used = true;
  return trigger;
}

function refuseDuplicate(world: World, body: Json): void {
  if (typeof body.external_id !== 'string' || body.external_id === '') return;
  if (findByExternalId(world, body.external_id)) throw new ApiError('duplicate_external_id');
}

function findByExternalId(world: World, id: string): View | undefined {
  const open = [...world.state.modals.values()].flat();
  return [...open, ...world.state.homes.values()].find((view) => view.external_id === id);
}
