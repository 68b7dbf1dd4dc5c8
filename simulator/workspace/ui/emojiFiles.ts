import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Route, sendText } from '../server.ts';

const { resolve } = createRequire(import.meta.url);

/** The pictures of the emoji (Twemoji, graphics under CC-BY 4.0), as Slack draws its own: no font is needed for them. */
export const emojiRoute: Route = async (request, response, url) => {
  const file = /^\/emoji\/([0-9a-f-]{2,60}\.svg)$/.exec(url.pathname)?.[1];
  if (!file || request.method !== 'GET') return false;
  const picture = await read(file).catch(() => undefined);
  if (!picture) sendText(response, 404, `no emoji is at ${url.pathname}`);
  else
    response.writeHead(200, { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }).end(picture);
  return true;
};

/** Rejects when there is no such picture, or an install without development dependencies has none at all. */
async function read(file: string): Promise<Buffer> {
  return readFile(join(dirname(resolve('@twemoji/svg/package.json')), file));
}
