/** Of a picture, in pixels. */
export type Sides = readonly [height: number, width: number];
