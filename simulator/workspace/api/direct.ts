import { BOT_USER, makeChannel } from '../seed.ts';
import type { Channel } from '../state.ts';
import { seconds, type World } from '../world.ts';
import { directChannel } from './channels.ts';

/** The direct-message channel between a person and the bot. */
export function openDirect(world: World, user: string): Channel {
  return directChannel(world, user, () => {
    world.changes.publish({ kind: 'channels' });
    const id = world.ids.next('D');
    const members = [user, BOT_USER];
    return makeChannel({ id, name: 'directmessage', kind: 'im', created: seconds(world), creator: user, members });
  });
}
