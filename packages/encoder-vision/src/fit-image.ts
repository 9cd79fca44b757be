import type { ImageOptions } from './image-options';
import type { Box } from './resample-image';

/** Which part of a picture goes where. */
export interface ImageFit {
  readonly box: Box;
  /** [height, width] that the part is resampled to. */
  readonly size: readonly [height: number, width: number];
  /** [top, left] of where it lies in the result. */
  readonly offset: readonly [top: number, left: number];
}

/** How a picture of `width` × `height` pixels comes to the wanted sides. */
export function fitImage(
  { width, height }: { readonly width: number; readonly height: number },
  wanted: readonly [height: number, width: number],
  resize: ImageOptions['resize'],
): ImageFit {
  const whole = { left: 0, top: 0, width, height };
  const scales = [wanted[0] / height, wanted[1] / width] as const;
  if (resize === 'squash') return { box: whole, size: wanted, offset: [0, 0] };
  if (resize === 'cover') {
    const scale = Math.max(...scales);
    const part = { width: wanted[1] / scale, height: wanted[0] / scale };
    const box = { left: (width - part.width) / 2, top: (height - part.height) / 2, ...part };
    return { box, size: wanted, offset: [0, 0] };
  }
  const scale = Math.min(...scales);
  const side = (length: number, limit: number) => Math.min(Math.max(Math.round(length * scale), 1), limit);
  const size = [side(height, wanted[0]), side(width, wanted[1])] as const;
  return { box: whole, size, offset: [Math.floor((wanted[0] - size[0]) / 2), Math.floor((wanted[1] - size[1]) / 2)] };
}
