import { withIds } from './blocks/blockIds.ts';
import { initialValues } from './blocks/elements.ts';
import { APP_ID, BOT_ID, TEAM_ID } from './seed.ts';
import type { Json, View } from './state.ts';
import type { World } from './world.ts';

/** Makes a view of what the app sent, with the values its inputs begin with. */
export function makeView(world: World, user: string, body: Json, under?: View): View {
  const id = world.ids.next('V');
  return {
    id,
    type: body.type === 'home' ? 'home' : 'modal',
    user,
    external_id: typeof body.external_id === 'string' ? body.external_id : '',
    hash: newHash(world),
    body: { ...body, blocks: withIds(blocksOf(body), world.ids) },
    values: initialValues(blocksOf(body)),
    root_view_id: under?.root_view_id ?? id,
    previous_view_id: under?.id ?? null,
    errors: {},
  };
}

/** Replaces what a view shows. Values of inputs that keep their block and action ids stay, as people expect. */
export function changeView(world: World, view: View, body: Json): void {
  view.body = { ...body, blocks: withIds(blocksOf(body), world.ids) };
  view.hash = newHash(world);
  view.errors = {};
  const kept: View['values'] = {};
  const fresh = initialValues(blocksOf(view.body));
  for (const [block, actions] of Object.entries(fresh)) {
    kept[block] = Object.fromEntries(
      Object.entries(actions).map(([action, value]) => [action, view.values[block]?.[action] ?? value]),
    );
  }
  for (const block of Object.keys(view.values)) delete view.values[block];
  Object.assign(view.values, kept);
  publishView(world, view);
}

/** Puts a modal on a person's stack. */
export function pushModal(world: World, view: View): void {
  world.state.modals.set(view.user, [...(world.state.modals.get(view.user) ?? []), view]);
  publishView(world, view);
}

/** Takes a modal and all above it away. */
export function closeModal(world: World, view: View): void {
  const stack = world.state.modals.get(view.user) ?? [];
  const index = stack.indexOf(view);
  world.state.modals.set(view.user, index < 0 ? stack : stack.slice(0, index));
  world.changes.publish({ kind: 'modals', user: view.user });
}

/** The view object as `views.open` answers it and payloads carry it. */
export function publicView(view: View): Json {
  const { body } = view;
  return {
    id: view.id,
    team_id: TEAM_ID,
    type: view.type,
    blocks: body.blocks,
    private_metadata: body.private_metadata ?? '',
    callback_id: body.callback_id ?? '',
    state: { values: view.values },
    hash: view.hash,
    title: body.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: body.clear_on_close ?? false,
    notify_on_close: body.notify_on_close ?? false,
    close: body.close ?? null,
    submit: body.submit ?? null,
    previous_view_id: view.previous_view_id,
    root_view_id: view.root_view_id,
    app_id: APP_ID,
    external_id: view.external_id,
    app_installed_team_id: TEAM_ID,
    bot_id: BOT_ID,
  };
}

/** A view by its id, open as a modal or published as a Home tab. */
export function findView(world: World, id: string): View | undefined {
  for (const stack of world.state.modals.values()) {
    const found = stack.find((view) => view.id === id);
    if (found) return found;
  }
  return [...world.state.homes.values()].find((view) => view.id === id);
}

export function publishView(world: World, view: View): void {
  world.changes.publish({ kind: view.type === 'home' ? 'home' : 'modals', user: view.user });
}

function blocksOf(body: Json): Json[] {
  return Array.isArray(body.blocks) ? (body.blocks as Json[]) : []; // checked by checkView before a view is made
}

function newHash(world: World): string {
  return `${Math.floor(world.now() / 1000)}.${world.ids.secret(8)}`;
}
