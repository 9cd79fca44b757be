import type { Shape } from '../scene/edition';
import type { Scene, SceneObject } from '../scene/scene';

/** All objects in English, from left to right: "a red circle, a blue square and a green triangle". */
export function caption({ objects }: Scene): string {
  return listed(
    [...objects].sort((a, b) => a.x - b.x).map(({ colour, shape }) => `${article(colour)} ${colour} ${shape}`),
  );
}

/** How many objects there are of each shape, the most frequent first: "two circles and one square". */
export function countCaption({ objects }: Scene): string {
  const counts = new Map<Shape, number>();
  for (const { shape } of objects) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  const most = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return listed(most.map(([shape, count]) => `${numbers[count]} ${shape}${count === 1 ? '' : 's'}`));
}

/**
 * Says which object is meant without its colour: by its shape where it alone has that, "the circle", else by where it stands among those
 * of its shape, "the leftmost circle".
 *
 * @returns `undefined` where neither tells it apart
 */
export function referringExpression({ objects }: Scene, meant: SceneObject): string | undefined {
  const alike = objects.filter(({ shape }) => shape === meant.shape);
  if (alike.length === 1) return `the ${meant.shape}`;
  for (const [word, key, sign] of extremes) {
    if (alike.every((other) => other === meant || sign * (meant[key] - other[key]) >= leastDifference)) {
      return `the ${word} ${meant.shape}`;
    }
  }
  return undefined;
}

/** What cannot be seen is not said, in pixels. */
const leastDifference = 1;

const extremes = [
  ['leftmost', 'x', -1],
  ['rightmost', 'x', 1],
  ['uppermost', 'y', -1],
  ['lowermost', 'y', 1],
] as const;

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}

function listed(parts: readonly string[]): string {
  return [parts.slice(0, -1).join(', '), ...parts.slice(-1)].filter((part) => part !== '').join(' and ');
}
