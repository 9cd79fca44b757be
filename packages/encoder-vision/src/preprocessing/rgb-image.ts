/** Bytes of red, green and blue side by side, rows from top to bottom: what Pillow calls mode "RGB". */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}
