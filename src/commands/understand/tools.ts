import { kubectl } from './kubectlLine.ts';
import { laterOf } from './later.ts';
import { offers, runs, type Understood } from './understood.ts';

/** Other programs that people type by habit, as what they want to know; null for none of them. */
export function tool(words: readonly string[]): Understood | null {
  const [first = '', ...rest] = words;
  const [second = '', third = ''] = rest;
  const name = first.toLowerCase();
  const object = rest.find((word) => /^[a-z0-9][a-z0-9.-]*$/.test(word)) ?? '';
  if (/^(?:stern|kail|kubetail|ktail)$/.test(name)) return kubectl(['logs', ...rest]);
  if (/^tail$/.test(name) && /^logs?$/i.test(second))
    return kubectl(['logs', ...rest.slice(1).filter((word) => !/^(?:of|for|from)$/i.test(word))]);
  if (name === 'kn')
    return runs([
      'diag',
      'function',
      /^(?:service|ksvc|revision|route)s?$/i.test(second) && /^(?:describe|get|show)$/i.test(third)
        ? (rest[2] ?? '')
        : '',
    ]);
  if (/^(?:helm|helmfile|argocd|flux|argo)$/.test(name)) {
    if (/^(?:rollback|undo)$/i.test(second)) return laterOf('rollback', third);
    return offers(`“${name}” is not run from here.`, 'I only read clusters. What was rolled out, and when:', [
      'diag rollouts',
      'diag changes',
    ]);
  }
  if (/^(?:curl|wget|http|https|telnet|nc|nmap)$/.test(name)) {
    const host =
      /^(?:https?:\/\/)?([a-z0-9][a-z0-9-]*)/i.exec(rest.find((word) => !word.startsWith('-')) ?? '')?.[1] ?? '';
    return offers('I call no addresses.', 'How what stands behind it is:', [
      `diag function ${host}`.trim(),
      `diag all ${host}`.trim(),
    ]);
  }
  if (/^(?:ping|dig|nslookup|traceroute|host)$/.test(name))
    return offers('I call no addresses.', 'How it is in the cluster:', [`diag all ${object}`.trim(), `diag pods`]);
  if (/^(?:docker|podman|crictl|nerdctl)$/.test(name)) {
    if (/^logs$/i.test(second)) return kubectl(['logs', ...rest.slice(1)]);
    return offers(`“${name}” is not run from here.`, 'What runs in the cluster:', ['diag pods', 'diag top pods']);
  }
  if (/^(?:journalctl|dmesg|systemctl|htop|free|df|ps|uptime|vmstat)$/.test(name))
    return offers(
      `“${name}” is not run from here.`,
      'How the nodes are:',
      /^(?:journalctl|dmesg|systemctl)$/.test(name)
        ? ['diag nodes', 'diag logs']
        : ['diag top nodes', 'diag top pods', 'diag nodes'],
    );
  if (/^(?:k9s|lens|kubectx|kubens|kdiag)$/.test(name))
    return offers(`“${name}” is not run from here.`, 'What runs in the cluster:', ['diag pods', 'diag all']);
  if (
    /^(?:ls|cd|pwd|cat|vim?|nano|ssh|sudo|git|make|npm|node|python3?|whoami|exit|clear|cls|dir|bash|sh)$/.test(name) &&
    (rest.length > 0 || !/^ls$/.test(name))
  )
    return offers('This is no shell.', 'What I can do:', ['incidents', 'diag all', 'help']);
  return null;
}
