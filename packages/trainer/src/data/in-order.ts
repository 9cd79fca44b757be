import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Makes something of each of so many indices, several at a time, and gives what comes of them in their order.
 *
 * @param atOnce how many are under way, those included that wait for their turn
 */
export async function* inOrder<T>(
  count: number,
  atOnce: number,
  make: (index: number) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  const ahead: Promise<T>[] = [];
  for (let next = 0; next < count || ahead.length > 0; ) {
    for (; next < count && ahead.length < atOnce; next++) {
      const made = make(next);
      made.catch(() => {}); // thrown when its turn comes
      ahead.push(made);
    }
    if (next % 16 === 0) await nextTurn(); // where nothing waits for files, Ctrl-C would not be heard
    yield await ahead.shift()!;
  }
}
