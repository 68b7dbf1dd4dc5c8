import type { FastifyInstance } from 'fastify';
import { micromark } from 'micromark';
import { page } from './pages/frame.ts';
import { type Html, html } from './pages/html.ts';
import type { RunbookReader } from './ports.ts';

/**
 * `/runbooks` and `/runbooks/:area/:name`: the runbooks as pages, for teams that keep them nowhere else. Markdown becomes
 * HTML without any raw HTML of the file, and links only to http, https and mailto (micromark's defaults).
 */
export function runbookPages(scope: FastifyInstance, runbooks: RunbookReader): void {
  scope.get('/runbooks', async (_request, reply) => {
    const items = runbooks
      .list()
      .map(({ id, title }) => html`<li><a href="/runbooks/${id}">${title}</a> <span class="meta">${id}</span></li>`);
    const content = html`<nav><a href="/incidents">Incidents</a></nav><h1>Runbooks</h1><ul class="list">${items}</ul>`;
    return reply.type('text/html; charset=utf-8').send(page('Runbooks', content));
  });
  scope.get<{ Params: { '*': string } }>('/runbooks/*', async (request, reply) => {
    const id = request.params['*'].replace(/\.md$/, '');
    const found = await runbooks.read(id);
    if (!found) {
      const content = html`<nav><a href="/runbooks">All runbooks</a></nav><h1>No such runbook</h1>`;
      return reply.code(404).type('text/html; charset=utf-8').send(page('No such runbook', content));
    }
    const body: Html = { html: micromark(found.markdown) };
    const content = html`<nav><a href="/runbooks">All runbooks</a></nav>${body}`;
    return reply.type('text/html; charset=utf-8').send(page(found.title, content));
  });
}
