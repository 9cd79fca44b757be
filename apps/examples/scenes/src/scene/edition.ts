import type { QuestionKind } from './question';

/** How a colour is called, in words of English. */
export type Colour = 'red' | 'green' | 'blue' | 'yellow' | 'purple' | 'orange' | 'gray';

/** How a shape is called. */
export type Shape = 'circle' | 'square' | 'triangle';

/** What scenes of one kind are made of. Lengths are in pixels. */
export interface Edition {
  readonly name: 'plain' | 'sort-of-clevr';
  /** Width and height of a picture. */
  readonly size: number;
  /** Objects in a scene, each of another colour. */
  readonly objects: number;
  readonly colours: readonly Colour[];
  readonly shapes: readonly Shape[];
  /** From the centre to the edge, drawn for each object between the two. */
  readonly radius: readonly [least: number, most: number];
  /** Least distance of a centre from the edge of the picture. */
  readonly margin: number;
  /** Least distance between two centres. */
  readonly gap: number;
  /** What is asked about one object, and about several. */
  readonly questions: {
    readonly nonRelational: readonly QuestionKind[];
    readonly relational: readonly QuestionKind[];
  };
}

/** The default: small pictures, three objects of six colours. */
export const plainScenes: Edition = {
  name: 'plain',
  size: 48,
  objects: 3,
  colours: ['red', 'green', 'blue', 'yellow', 'purple', 'orange'],
  shapes: ['circle', 'square', 'triangle'],
  radius: [4, 5.5],
  margin: 7,
  gap: 11,
  questions: {
    nonRelational: ['shape', 'left-half'],
    relational: ['nearest-shape', 'nearest-colour', 'left-of', 'count'],
  },
};

/** Sort-of-CLEVR (Santoro et al. 2017, section 4.3): six objects, one of each colour, in the sizes of its published generators. */
export const sortOfClevr: Edition = {
  name: 'sort-of-clevr',
  size: 75,
  objects: 6,
  colours: ['red', 'green', 'blue', 'orange', 'gray', 'yellow'],
  shapes: ['square', 'circle'],
  radius: [5, 5],
  margin: 5,
  gap: 10,
  questions: {
    nonRelational: ['shape', 'left-half', 'upper-half'],
    relational: ['nearest-shape', 'farthest-shape', 'count'],
  },
};
