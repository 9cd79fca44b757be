import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { splice } from './splice';

registerOnnxBackend();

/** A row in words: ids of its own, and at places [slot, value]; values of each slot as numbers of tokens. */
interface Row {
  readonly text: readonly (number | readonly [slot: number, value: number])[];
  readonly values: Readonly<Record<number, readonly number[]>>;
}

const width = 2;
const hostSlot = 1;
/** How many tokens a value of each other slot has, and how many values there are at most. */
const slots = { 0: { most: 3, values: 7 }, 2: { most: 2, values: 2 } };

const rows: Row[] = [
  { text: [5, 6, 7], values: {} },
  { text: [5, [0, 0], 6], values: { 0: [3] } },
  { text: [[0, 1], 4, [2, 0], [0, 0]], values: { 0: [1, 3], 2: [2] } },
  { text: [9], values: { 0: [3, 3, 3, 3, 3, 3, 3], 2: [1] } },
  { text: [[2, 0], 8, [0, 0]], values: { 0: [2] } }, // whose value of slot 2 was dropped
  {
    text: [
      [0, 0],
      [2, 0],
    ],
    values: {},
  }, // whose all were
];

/** What a token is called: whose it is, of which value and which of its tokens; a number for one of the host's. */
type Name = number | string;

/** The loop written out. */
function expected({ text, values }: Row): Name[] {
  const tokensOf = (slot: number, value: number) =>
    Array.from({ length: values[slot]?.[value] ?? 0 }, (_, token) => `${slot}.${value}.${token}`);
  const placed = new Set(text.filter((part) => typeof part !== 'number').map(String));
  const front = [0, 2].flatMap((slot) =>
    (values[slot] ?? []).flatMap((_, value) => (placed.has(`${slot},${value}`) ? [] : tokensOf(slot, value))),
  );
  const joint = [
    ...front,
    ...text.flatMap((part): Name[] => (typeof part === 'number' ? [part] : tokensOf(part[0], part[1]))),
  ];
  return joint.length > 0 ? joint : text.map(() => placeholder);
}

/** The id of what stands at a place. */
const placeholder = 0;

/** Each token has a vector of its own. */
const vectorOf = (row: number, name: Name) =>
  name === placeholder ? [99, 99] : RandomKey.from(row).fold(String(name)).normal(width);

function spliced(side: 'left' | 'right') {
  const length = 6;
  const at = ({ text }: Row, place: number) => text[side === 'right' ? place : place - (length - text.length)];
  const host = (read: (row: number, part: Row['text'][number] | undefined) => number) =>
    tf.tensor2d(
      rows.map((row, index) => Array.from({ length }, (_, place) => read(index, at(row, place)))),
      undefined,
      'int32',
    );
  const parts = Object.entries(slots).map(([name, { most, values }]) => {
    const slot = Number(name);
    const has = (row: Row, place: number) => place % most < (row.values[slot]?.[Math.floor(place / most)] ?? 0);
    const places = Array.from({ length: values * most }, (_, place) => place);
    return {
      slot,
      values,
      mask: tf.tensor2d(rows.map((row) => places.map((place) => Number(has(row, place))))),
      tokens: tf.tensor3d(
        rows.map((row, index) =>
          places.map((place) => {
            const called = `${slot}.${Math.floor(place / most)}.${place % most}`;
            return has(row, place) ? [...vectorOf(index, called)] : [0, 0];
          }),
        ),
      ),
    };
  });
  const tokens = rows.map((row, index) =>
    Array.from({ length }, (_, place) => {
      const part = at(row, place);
      return typeof part === 'number' ? [...vectorOf(index, part)] : [99, 99]; // a placeholder, or padding
    }),
  );
  return splice(
    {
      tokens: tf.tensor3d(tokens),
      mask: tf.cast(
        host((_, part) => (part === undefined ? 0 : 1)),
        'float32',
      ),
      ids: host((_, part) => (typeof part === 'number' ? part : part === undefined ? -1 : placeholder)),
      slot: hostSlot,
      placeSlot: host((_, part) => (part === undefined ? 0 : typeof part === 'number' ? -1 : part[0])), // anything in padding
      placeValue: host((_, part) => (part === undefined ? 0 : typeof part === 'number' ? -1 : part[1])),
    },
    parts,
  );
}

describe.each(['cpu', 'onnx'])('splice on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each(['left', 'right'] as const)(
    'puts tokens of values in their places, padding of the host at the %s, and those without one in front',
    (side) => {
      const { tokens, mask, ids, owner } = spliced(side);
      const length = 6 + 7 * 3 + 2 * 2;
      expect(mask.shape).toEqual([rows.length, length]);
      const [vectors, valid, known, owners] = [
        tokens.arraySync(),
        mask.arraySync(),
        ids.arraySync(),
        owner.arraySync(),
      ];
      for (const [row, own] of rows.entries()) {
        const names = expected(own);
        const filled = <T>(values: readonly T[], filling: T) => [
          ...values,
          ...Array.from({ length: length - values.length }, () => filling),
        ];
        expect(valid[row]).toEqual(
          filled(
            names.map(() => 1),
            0,
          ),
        );
        expect(known[row]).toEqual(
          filled(
            names.map((name) => (typeof name === 'number' ? name : -1)),
            -1,
          ),
        );
        const ownerOf = (name: Name) => (typeof name === 'number' ? hostSlot : Number(name[0]));
        expect(owners[row]).toEqual(filled(names.map(ownerOf), -1));
        expect(vectors[row]).toEqual(
          filled(
            names.map((name) => [...vectorOf(row, name)]),
            [0, 0],
          ),
        );
      }
    },
  );
});
