/** The same record with other values: `mapRecord({ a: 1, b: 2 }, (value) => 2 * value)` is `{ a: 2, b: 4 }`. */
export function mapRecord<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
