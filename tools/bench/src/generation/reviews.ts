/** What constrained answers are asked for, and about what. */
export const reviewSchema = {
  type: 'object',
  properties: {
    mood: { enum: ['good', 'bad', 'neither'] },
    stars: { type: 'integer', minimum: 1, maximum: 5 },
    words: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 10 }, maxItems: 2 },
  },
  required: ['mood', 'stars', 'words'],
};
/** What they are about. */
export const reviews = [
  'The soup was cold.',
  'Wonderful, we will come again!',
  'Es war ganz in Ordnung.',
  '犬も喜びました。',
];

/** Whether a value is one of the schema. */
export function fits({ mood, stars, words, ...others }: Record<string, unknown>): boolean {
  return (
    ['good', 'bad', 'neither'].includes(mood as string) &&
    Number.isInteger(stars) &&
    (stars as number) >= 1 &&
    (stars as number) <= 5 &&
    Array.isArray(words) &&
    words.length <= 2 &&
    words.every((word) => typeof word === 'string' && [...word].length >= 1 && [...word].length <= 10) &&
    Object.keys(others).length === 0
  );
}
