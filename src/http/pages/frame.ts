import { type Html, html } from './html.ts';

/** The frame of every page. */
export function page(title: string, content: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · lambda-responder</title><link rel="stylesheet" href="/incidents.css"></head>
<body><main>${content}</main></body></html>`.html;
}
