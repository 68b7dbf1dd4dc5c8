import { expect, test } from '@jest/globals';
import { createControl } from '../../simulator/workspace/control.ts';
import { startWorkspace } from '../../simulator/workspace/start.ts';
import { alert, delivery, shown, startProduct, until } from './product.ts';

test('HTTP mode: signed requests of Slack reach the commands through the one listener, forged ones do not', async () => {
  const slack = await startWorkspace();
  const workspace = createControl(slack.url);
  const product = await startProduct({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    SIMULATE: 'cluster,metrics',
  });
  try {
    await workspace.requestUrl(`${product.app.url}/slack/events`);
    expect(await product.deliver(delivery([alert('Http', { deployment: 'checkout' })]))).toBe(200);
    const card = await until('the card', async () =>
      (await workspace.messages('#incidents')).find((message) => shown(message).includes('Http')),
    );
    const ack = card.blocks
      ?.flatMap((block) => (Array.isArray(block.elements) ? block.elements : []))
      .find((element) => element.value === '#1 ack');
    expect(
      await workspace.click({ user: 'ana', channel: '#incidents', ts: card.ts, actionId: ack.action_id }),
    ).toMatchObject({ outcome: 'acked' });
    await until('the acknowledgement on the card', async () =>
      (await workspace.messages('#incidents')).some((message) => /Acknowledged/.test(shown(message))),
    );
    await workspace.mention({ user: 'ana', channel: '#incidents', thread: card.ts, text: 'diag pods' });
    await until('the answer in the thread', async () =>
      (await workspace.messages('#incidents', { thread: card.ts })).some((message) =>
        /Pods in shop|diag pods/.test(shown(message)),
      ),
    );
    const forge = async (headers: Record<string, string>) => {
      const response = await fetch(`${product.app.url}/slack/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: 'command=%2Flambda&text=resolve+1',
      });
      await response.text();
      return response.status;
    };
    const forged = {
      'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)),
      'x-slack-signature': 'v0=00',
    };
    expect(await forge(forged)).toBe(401);
    expect(await forge({})).toBe(401);
    // Who forges on is put off; what Slack signs is taken, also from the same address.
    const statuses: number[] = [];
    for (let count = 0; count < 120; count += 1) statuses.push(await forge(count % 2 ? forged : {}));
    expect(statuses.filter((status) => status === 401)).toHaveLength(98);
    expect(statuses.slice(98)).toEqual(Array.from({ length: 22 }, () => 429));
    const asked = await workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda status' });
    expect(asked).toMatchObject({ outcome: 'acked' });
  } finally {
    await product.close();
    await slack.close();
  }
});
