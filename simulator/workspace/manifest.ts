import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

const slashCommand = z.object({
  command: z.string(),
  description: z.string().default(''),
  usage_hint: z.string().default(''),
  should_escape: z.boolean().default(false),
});
const shortcut = z.object({
  type: z.enum(['message', 'global']),
  name: z.string(),
  callback_id: z.string(),
  description: z.string().default(''),
});
const manifestFile = z.object({
  features: z
    .object({
      app_home: z.object({ home_tab_enabled: z.boolean().default(false) }).optional(),
      slash_commands: z.array(slashCommand).default([]),
      shortcuts: z.array(shortcut).default([]),
    })
    .default({ slash_commands: [], shortcuts: [] }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()).default([]) }) }).optional(),
  settings: z
    .object({ event_subscriptions: z.object({ bot_events: z.array(z.string()).default([]) }).optional() })
    .optional(),
});

export type SlashCommand = z.infer<typeof slashCommand>;
export type Shortcut = z.infer<typeof shortcut>;

/** What the app was granted and what it announced. `scopes` and `events` are null when nothing says so: all are allowed. */
export interface Manifest {
  readonly scopes: ReadonlySet<string> | null;
  readonly events: ReadonlySet<string> | null;
  readonly homeEnabled: boolean;
  readonly commands: readonly SlashCommand[];
  readonly shortcuts: readonly Shortcut[];
}

/** An app nobody has limited: every scope and event, and the one command people type. */
export const OPEN_MANIFEST: Manifest = {
  scopes: null,
  events: null,
  homeEnabled: true,
  commands: [{ command: '/lambda', description: 'Ask the responder', usage_hint: 'help', should_escape: false }],
  shortcuts: [],
};

/**
 * The union of the app manifests (`*.yaml`) in a folder, by default `manifests/slack` of this repository. Without any,
 * the app is not limited.
 */
export function readManifests(folder = fileURLToPath(new URL('../../manifests/slack', import.meta.url))): Manifest {
  const files = manifestFiles(folder).map((file) => manifestFile.parse(parse(readFileSync(file, 'utf8'))));
  if (files.length === 0) return OPEN_MANIFEST;
  const commands = new Map(files.flatMap((file) => file.features.slash_commands.map((one) => [one.command, one])));
  const shortcuts = new Map(files.flatMap((file) => file.features.shortcuts.map((one) => [one.callback_id, one])));
  return {
    scopes: new Set(files.flatMap((file) => file.oauth_config?.scopes.bot ?? [])),
    events: new Set(files.flatMap((file) => file.settings?.event_subscriptions?.bot_events ?? [])),
    homeEnabled: files.some((file) => file.features.app_home?.home_tab_enabled),
    commands: [...commands.values()],
    shortcuts: [...shortcuts.values()],
  };
}

function manifestFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml') || name.endsWith('.yml'))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
