import { expect, it } from 'vitest';
import type { Rows } from '../rows/rows-processor';
import { sortOfClevrTask } from './sort-of-clevr';

const columns = { colours: 6, shapes: 2 };

/** The answer to a coded question, from the description alone: written anew, so that description, code and answer have to agree. */
function answerTo(scene: Rows, code: readonly number[]): string {
  const { colours } = columns;
  const subject = scene.find((row) => row[code.slice(0, colours).indexOf(1)] === 1)!;
  const shapeOf = (row: readonly number[]) => ['square', 'circle'][row.slice(colours, colours + 2).indexOf(1)];
  const [x, y] = subject.slice(-2);
  const others = scene.filter((row) => row !== subject);
  const far = (row: readonly number[]) => Math.hypot(row.at(-2)! - x, row.at(-1)! - y);
  const byDistance = [...others].sort((a, b) => far(a) - far(b));
  const relational = code[colours + 1] === 1;
  const which = code.slice(-3).indexOf(1);
  if (!relational) return [shapeOf(subject), x < 0.5 ? 'yes' : 'no', y < 0.5 ? 'yes' : 'no'][which];
  const same = others.filter((row) => shapeOf(row) === shapeOf(subject)).length;
  return [shapeOf(byDistance[0]), shapeOf(byDistance.at(-1)!), String(same)][which];
}

it('describes scenes and questions so that the answers follow from them', async () => {
  const { train, test, labels, kinds, missing } = await sortOfClevrTask(200);
  expect([train.length, test.length, kinds!.length, missing!.length]).toEqual([200, 1000, 1000, 1000]);
  for (const { scene, question, targets } of train) {
    expect(answerTo(scene as Rows, (question as Rows)[0])).toBe(targets!.answer);
    expect(labels).toContain(targets!.answer);
  }
  expect(new Set(kinds)).toEqual(new Set(['relational', 'non-relational']));
});
