import type { RandomKey } from '@polymodal/core';

const draws: ReadonlySet<PropertyKey> = new Set(['uniform', 'normal', 'bernoulli', 'words', 'integer', 'shuffle']);

/**
 * A key that gives the same numbers as `key` and tells when numbers are drawn from it, or from a key folded from it.
 * What was made without a draw is the same every time, so it need not be made twice.
 */
export function watchedKey(key: RandomKey, onDraw: () => void): RandomKey {
  return new Proxy(key, {
    get(target, property) {
      if (property === 'fold') return (data: string | number) => watchedKey(target.fold(data), onDraw);
      if (draws.has(property)) onDraw();
      const value = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
