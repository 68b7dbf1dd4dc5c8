import type { Workspace } from '../../../simulator/workspace/start.ts';

export type Answer = Record<string, unknown> & { readonly ok: boolean; readonly error?: string; readonly ts?: string };

/** Calls Web API methods with JSON bodies, without retries, so that every answer is seen as it is. */
export function createCaller(
  workspace: Workspace,
  token: string | null = workspace.botToken,
): (method: string, args?: object) => Promise<Answer> {
  return async (method, args = {}) => {
    const response = await fetch(`${workspace.apiUrl}${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(args),
    });
    return (await response.json()) as Answer; // the workspace answers JSON objects with `ok`
  };
}
