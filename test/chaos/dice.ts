/** Numbers in [0, 1) that a seed and a name alone decide: each actor of a run has its own, whatever the others do. */
export type Dice = () => number;

export function createDice(seed: number, actor: string): Dice {
  let state = [...actor].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), seed | 0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<One>(from: readonly One[], dice: Dice): One {
  const one = from[Math.floor(dice() * from.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}

/** Everything once in a shuffled order, then everything once in another one, without an end. */
export function* shuffledBags<One>(all: readonly One[], dice: Dice): Generator<One, never> {
  for (;;) {
    const bag = [...all];
    while (bag.length > 0) yield* bag.splice(Math.floor(dice() * bag.length), 1);
  }
}
