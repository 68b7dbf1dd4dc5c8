import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bot, openBot } from './bot.ts';
import { expiredToken } from './botAccount.ts';
import { eventually } from './player.ts';
import { openTestCluster, type TestCluster } from './testCluster.ts';

let cluster: TestCluster;
let bot: Bot;

beforeAll(async () => {
  cluster = await openTestCluster();
  bot = await openBot(cluster.bot.kubeconfig);
});
afterAll(async () => {
  await bot.close();
  await cluster.close();
});

const askPods = () => bot.ask({ diagnostic: 'pods', namespace: 'default' });
const works = () => expect(askPods()).resolves.toMatchObject({ diagnostic: 'pods' });

/** The API server and we both go by what was last proved for some ten seconds. */
async function isRefused(): Promise<void> {
  await eventually(
    'the account to be refused',
    () =>
      askPods().then(
        () => false,
        () => true,
      ),
    30,
  );
  await expect(askPods()).rejects.toMatchObject({ code: 'unauthorized', hint: expect.stringContaining('token') });
}

test('a token that is renewed in its file is used without a restart, and the one before is no longer needed', async () => {
  await works();
  const before = await cluster.bot.renew();
  expect(await cluster.bot.renew()).not.toBe(before);
  await works();
});

test('what is no token is refused by name, and a good one in the file is taken without a restart', async () => {
  cluster.bot.writeToken('not-a-token');
  await isRefused();
  await cluster.bot.renew();
  await works();
});

test('an expired token is refused by name, and a new one in the file is taken without a restart', async () => {
  cluster.bot.writeToken(expiredToken(await cluster.bot.renew(), cluster.signingKey));
  await isRefused();
  await cluster.bot.renew();
  await works();
});

test('with its ServiceAccount deleted the bot says that it is not let in; with a new account and token it goes on', async () => {
  await cluster.bot.renew();
  await works();
  await cluster.bot.remove();
  await isRefused();
  await cluster.bot.restore();
  // The old token names the uid of the account that is gone.
  await isRefused();
  await cluster.bot.renew();
  await works();
});
