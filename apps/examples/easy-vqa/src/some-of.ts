/** Some of a list, evenly spread over it; all of them if not said otherwise, or if there are no more. */
export function someOf<T>(list: readonly T[], count = list.length): readonly T[] {
  if (count >= list.length) return list;
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)]);
}
