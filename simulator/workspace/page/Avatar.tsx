import type { User } from './shapes.ts';

/** A coloured square with initials; the app has its letter. Decorative: the name is beside it. */
export function Avatar({ user, size = 36 }: { user: User | undefined; size?: number }) {
  const bot = user?.is_bot ?? false;
  const name = user?.real_name ?? '?';
  const initials = name
    .split(' ')
    .map((part) => part[0] ?? '')
    .slice(0, 2)
    .join('');
  return (
    <span
      className={bot ? 'avatar avatar-bot' : 'avatar'}
      style={{
        width: size,
        height: size,
        fontSize: size * 0.4,
        ...(bot ? {} : { background: `#${user?.color ?? '888'}` }),
      }}
      aria-hidden="true"
    >
      {bot ? 'λ' : user ? initials : 'S'}
    </span>
  );
}
