import { extname } from 'node:path';
import type { Json, StoredFile } from './state.ts';
import type { World } from './world.ts';

const TYPES: Record<string, readonly [mimetype: string, filetype: string, pretty: string]> = {
  '.txt': ['text/plain', 'text', 'Plain Text'],
  '.log': ['text/plain', 'text', 'Plain Text'],
  '.md': ['text/markdown', 'markdown', 'Markdown'],
  '.json': ['application/json', 'json', 'JSON'],
  '.yaml': ['text/yaml', 'yaml', 'YAML'],
  '.yml': ['text/yaml', 'yaml', 'YAML'],
  '.csv': ['text/csv', 'csv', 'CSV'],
  '.png': ['image/png', 'png', 'PNG'],
  '.jpg': ['image/jpeg', 'jpg', 'JPEG'],
  '.jpeg': ['image/jpeg', 'jpg', 'JPEG'],
  '.gif': ['image/gif', 'gif', 'GIF'],
  '.svg': ['image/svg+xml', 'svg', 'SVG'],
  '.pdf': ['application/pdf', 'pdf', 'PDF'],
};

/** The types Slack guesses from a file's name. */
export function guessType(name: string): { mimetype: string; filetype: string; pretty: string } {
  const [mimetype, filetype, pretty] = TYPES[extname(name).toLowerCase()] ?? [
    'application/octet-stream',
    'binary',
    'Binary',
  ];
  return { mimetype, filetype, pretty };
}

/** The file object of `files.info` and of messages, or undefined for an id nobody knows. */
export function publicFile(world: World, id: string): Json | undefined {
  const file = world.state.files.get(id);
  if (!file) return undefined;
  const url = `${world.url()}/files-pri/${file.id}/${encodeURIComponent(file.name)}`;
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.filetype,
    pretty_type: guessType(file.name).pretty,
    user: file.user,
    user_team: 'T0SIMULATED',
    editable: isText(file),
    size: file.content.length,
    mode: isText(file) ? 'snippet' : 'hosted',
    is_external: false,
    is_public: true,
    public_url_shared: false,
    url_private: url,
    url_private_download: `${url}?download=1`,
    permalink: `${world.url()}/files/${file.id}/${encodeURIComponent(file.name)}`,
    channels: file.channels,
    groups: [],
    ims: [],
    has_rich_preview: false,
    file_access: 'visible',
    ...(file.altText ? { alt_txt: file.altText } : {}),
    ...(isText(file) ? preview(file) : {}),
  };
}

function preview(file: StoredFile): Json {
  const lines = file.content.subarray(0, 20_000).toString('utf8').split('\n');
  const shown = lines.slice(0, 5).join('\n').slice(0, 1_000);
  return { preview: shown, lines: countLines(file.content), lines_more: Math.max(0, countLines(file.content) - 5) };
}

function countLines(content: Buffer): number {
  let count = 1;
  for (const byte of content) if (byte === 10) count += 1;
  return count;
}

function isText(file: StoredFile): boolean {
  return file.mimetype.startsWith('text/') || file.mimetype === 'application/json';
}
