import {
  defineProcessor,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import type { Colour, Shape } from '../scene/edition';
import type { Scene } from '../scene/scene';

/** What may be seen at a place, and how places lie. */
const layoutOptions = z.object({
  colours: z.array(z.string()).min(1).readonly(),
  shapes: z.array(z.string()).min(1).readonly(),
  /** Cells of the grid over a picture, along each side. */
  cells: z.int().positive(),
  /** Pixels a side of a cell. */
  cellSize: z.int().positive(),
});

/** Options of {@link LayoutTarget}. */
export type LayoutOptions = z.output<typeof layoutOptions>;

/**
 * Of a scene, of each cell: the colour of the object whose centre lies there, as 1 + its number, and 0 for none; its shape's number;
 * and where in the picture that is, in half cells from the middle.
 */
export type LayoutRow = {
  readonly colours: HostTensor1D;
  readonly shapes: HostTensor1D;
  readonly places: HostTensor2D;
};
/** Of P scenes with N cells: colours and shapes (P, N), places (P, N, 2). */
export type LayoutFeatures = {
  readonly colours: HostTensor2D;
  readonly shapes: HostTensor2D;
  readonly places: HostTensor3D;
};

/** Reads a scene as the layout of its picture. */
export class LayoutTarget implements Processor<Scene, LayoutRow, LayoutFeatures> {
  constructor(readonly options: LayoutOptions) {}

  process(scene: Scene): LayoutRow {
    const { cells, cellSize, colours, shapes } = this.options;
    if (!Array.isArray(scene?.objects)) {
      throw new SampleError({ expected: 'a scene with its objects', received: describeValue(scene) });
    }
    const count = cells * cells;
    const row = { colours: new Uint8Array(count), shapes: new Uint8Array(count), places: new Float32Array(2 * count) };
    for (const { colour, shape, x, y } of scene.objects) {
      const cell = Math.floor(y / cellSize) * cells + Math.floor(x / cellSize);
      row.colours[cell] = 1 + colours.indexOf(colour);
      row.shapes[cell] = shapes.indexOf(shape);
      row.places[2 * cell] = (2 * x) / cellSize - cells;
      row.places[2 * cell + 1] = (2 * y) / cellSize - cells;
    }
    return {
      colours: hostTensor(row.colours, [count]),
      shapes: hostTensor(row.shapes, [count]),
      places: hostTensor(row.places, [count, 2]),
    };
  }

  collate(rows: readonly LayoutRow[]): LayoutFeatures {
    return {
      colours: padAndStack(rows.map(({ colours }) => colours)),
      shapes: padAndStack(rows.map(({ shapes }) => shapes)),
      places: padAndStack(rows.map(({ places }) => places)),
    };
  }

  shape() {
    return {};
  }

  /** What is said of a cell with an object in it, in plain words. */
  objectAt(colour: number, shape: number, place: readonly [number, number]): SeenObject {
    const { cells, cellSize, colours, shapes } = this.options;
    const [x, y] = place.map((fromMiddle) => ((fromMiddle + cells) / 2) * cellSize);
    return { colour: colours[colour - 1] as Colour, shape: shapes[shape] as Shape, x, y };
  }
}

/** An object as it was found in a picture, in pixels. */
export interface SeenObject {
  readonly colour: Colour;
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
}

/** The processor of {@link LayoutTarget}. */
export const layoutTarget = defineProcessor({
  config: layoutOptions,
  create: (options) => new LayoutTarget(options),
});
