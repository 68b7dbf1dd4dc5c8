export const FOREIGN_PER_MINUTE = 10;

/** Says whether one more expression of a sender may be run now, and counts it. */
export type ForeignPace = () => boolean;

export function foreignPace(clock: () => number): ForeignPace {
  let ran: readonly number[] = [];
  return () => {
    const now = clock();
    ran = ran.filter((at) => at > now - 60_000);
    if (ran.length >= FOREIGN_PER_MINUTE) return false;
    ran = [...ran, now];
    return true;
  };
}
