import type { Model } from '@polymodal/core';
import type { Classification } from '@polymodal/heads';
import type { SceneSample } from '../data/scene-sample';
import { ground, type Picture } from '../scene/draw-picture';

/** What a model answers, and what of the picture it goes by. */
export interface CoveredCells {
  readonly answer: Classification;
  /** Cells along each side. */
  readonly cells: number;
  /** Of each cell, row by row: what the answer's probability loses when the cell is painted over with ground; 0 where it gains. */
  readonly weights: Float32Array;
}

/**
 * Which parts of a picture an answer rests on, asked of the model from outside, so that it can be asked of every fusion alike
 * (occlusion sensitivity, Zeiler and Fergus 2014, section 4.2).
 */
export async function coveredCells(
  model: Model,
  { image, text }: Pick<SceneSample, 'image' | 'text'>,
  cellSize: number,
): Promise<CoveredCells> {
  const cells = Math.ceil(image.width / cellSize);
  const pictures = [
    image,
    ...Array.from({ length: cells * cells }, (_, cell) => covered(image, cell, cells, cellSize)),
  ];
  const predictions = await model.predict(pictures.map((picture) => ({ image: picture, text })));
  const [answer, ...others] = predictions.map((prediction) => prediction.answer as Classification);
  const weights = Float32Array.from(others, ({ probabilities }) =>
    Math.max(0, answer.probability - probabilities[answer.index]),
  );
  return { answer, cells, weights };
}

/** The picture without what is in a cell. */
function covered(image: Picture, cell: number, cells: number, cellSize: number): Picture {
  const data = image.data.slice();
  const left = (cell % cells) * cellSize;
  const top = Math.floor(cell / cells) * cellSize;
  const right = Math.min(left + cellSize, image.width);
  for (let row = top; row < Math.min(top + cellSize, image.height); row++) {
    data.fill(ground, 3 * (row * image.width + left), 3 * (row * image.width + right));
  }
  return { ...image, data };
}
