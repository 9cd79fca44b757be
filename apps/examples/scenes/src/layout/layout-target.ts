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

/** Of a scene: of each cell the class of the object whose centre lies there, and where in the cell that is. */
export type LayoutRow = { readonly classes: HostTensor1D; readonly places: HostTensor2D };
/** Of P scenes with N cells: classes (P, N), places (P, N, 2). */
export type LayoutFeatures = { readonly classes: HostTensor2D; readonly places: HostTensor3D };

/** Reads a scene as the layout of its picture. Class 0 is no object, 1 + c · S + s that of colour c and shape s of S. */
export class LayoutTarget implements Processor<Scene, LayoutRow, LayoutFeatures> {
  constructor(readonly options: LayoutOptions) {}

  process(scene: Scene): LayoutRow {
    const { cells, cellSize, colours, shapes } = this.options;
    if (!Array.isArray(scene?.objects)) {
      throw new SampleError({ expected: 'a scene with its objects', received: describeValue(scene) });
    }
    const classes = new Uint8Array(cells * cells);
    const places = new Float32Array(cells * cells * 2);
    for (const { colour, shape, x, y } of scene.objects) {
      const [column, row] = [Math.floor(x / cellSize), Math.floor(y / cellSize)];
      const cell = row * cells + column;
      classes[cell] = 1 + colours.indexOf(colour) * shapes.length + shapes.indexOf(shape);
      places[2 * cell] = (2 * (x - column * cellSize)) / cellSize - 1; // −1 and 1 at the edges
      places[2 * cell + 1] = (2 * (y - row * cellSize)) / cellSize - 1;
    }
    return { classes: hostTensor(classes, [cells * cells]), places: hostTensor(places, [cells * cells, 2]) };
  }

  collate(rows: readonly LayoutRow[]): LayoutFeatures {
    return {
      classes: padAndStack(rows.map(({ classes }) => classes)),
      places: padAndStack(rows.map(({ places }) => places)),
    };
  }

  shape() {
    return {};
  }

  /** What class and place of a cell mean. */
  objectAt(kind: number, cell: number, place: readonly [number, number]): SeenObject {
    const { cells, cellSize, colours, shapes } = this.options;
    const coordinate = (index: number, within: number) => (index + (within + 1) / 2) * cellSize;
    return {
      colour: colours[Math.floor((kind - 1) / shapes.length)] as Colour,
      shape: shapes[(kind - 1) % shapes.length] as Shape,
      x: coordinate(cell % cells, place[0]),
      y: coordinate(Math.floor(cell / cells), place[1]),
    };
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
