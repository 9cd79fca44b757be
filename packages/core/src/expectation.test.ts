import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expectation } from './expectation';

describe('expectation', () => {
  it.each([
    [z.number(), undefined, 'a number'],
    [z.int(), 0.5, 'a whole number'],
    [z.string(), 3, 'a string'],
    [z.boolean(), 'yes', 'true or false'],
    [z.array(z.string()), {}, 'an array'],
    [z.object({}), [], 'an object'],
    [z.record(z.string(), z.number()), 3, 'an object'],
    [z.unknown().optional().nonoptional(), undefined, 'a value'],
    [z.instanceof(AbortSignal), 3, 'an AbortSignal'],
    [z.enum(['a', 'b', 'c']), 'd', '"a", "b" or "c"'],
    [z.literal('v1'), 'v2', '"v1"'],
    [z.number().min(1), 0, 'a number of at least 1'],
    [z.number().positive(), 0, 'a number above 0'],
    [z.number().max(5), 6, 'a number of at most 5'],
    [z.number().lt(1), 1, 'a number below 1'],
    [z.number().multipleOf(8), 9, 'a multiple of 8'],
    [z.string().min(1), '', 'at least 1 character'],
    [z.array(z.string()).min(2), [], 'at least 2 items'],
    [z.string().length(3), 'ab', 'exactly 3 characters'],
    [z.string().regex(/^v/), 'x', 'a string that matches /^v/'],
    [z.url(), 'x', 'a string in the form of url'],
    [z.union([z.number(), z.literal('auto')]), true, 'a number or "auto"'],
    [z.union([z.int(), z.number().array(), z.int()]), 'x', 'a number or an array'],
    [z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]), {}, '"a" or "b"'],
    [z.instanceof(AbortSignal, { error: 'a signal' }), 3, 'a signal'],
    [z.string().refine(() => false, 'labels that differ'), 'x', 'labels that differ'],
  ])('says in words what %# asks for', (schema: z.ZodType, value, words) => {
    expect(expectation(schema.safeParse(value).error!.issues[0])).toBe(words);
  });
});
