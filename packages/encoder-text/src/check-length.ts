import { ShapeError } from '@polymodal/core';

/** @throws ShapeError for more tokens than a model has positions for */
export function checkLength(length: number, maxLength: number): void {
  if (length <= maxLength) return;
  throw new ShapeError({
    where: 'inputIds',
    expected: `at most ${maxLength} tokens`,
    received: `${length}`,
    hint: 'Collate with the processor of this encoder, which cuts what is longer.',
  });
}
