import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startWorkspace, type Workspace } from '../../../simulator/workspace/start.ts';
import { createCaller } from './caller.ts';

let workspace: Workspace;

beforeEach(async () => {
  workspace = await startWorkspace({ manifests: new URL('./manifest', import.meta.url).pathname });
});

afterEach(() => workspace.close());

test('a method without its scope in the manifest is missing_scope and says which is needed', async () => {
  const answer = await createCaller(workspace)('pins.list', { channel: 'C0INCIDENTS' });
  expect(answer).toEqual({
    ok: false,
    error: 'missing_scope',
    needed: 'pins:read',
    provided: 'chat:write,chat:write.public,users:read',
  });
});

test('chat:write.public posts where the bot is no member', async () => {
  expect((await createCaller(workspace)('chat.postMessage', { channel: '#general', text: 'x' })).ok).toBe(true);
});

test('without users:read.email people come without their address', async () => {
  const answer = await createCaller(workspace)('users.info', { user: 'U0ANA' });
  expect(answer).toMatchObject({ ok: true, user: { name: 'ana', profile: { display_name: 'ana' } } });
  expect(JSON.stringify(answer)).not.toContain('ana@example.com');
});

test('a Home tab that the manifest leaves off is not_enabled', async () => {
  const view = { type: 'home', blocks: [] };
  expect((await createCaller(workspace)('views.publish', { user_id: 'U0ANA', view })).error).toBe('not_enabled');
});
