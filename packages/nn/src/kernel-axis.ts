import { ConfigError, ShapeError } from '@polymodal/core';
import { checkSize } from './check-size';

/** How a convolution moves along one axis. */
export interface KernelAxis {
  readonly kernelSize: number;
  readonly stride: number;
  /** Zeros added at both ends. */
  readonly padding: number;
  /** Distance between the taps of the kernel. */
  readonly dilation: number;
}

/** The two axes of a convolution: down (height) and across (width). */
export type KernelAxes = readonly [down: KernelAxis, across: KernelAxis];

/** Checks the sizes of an axis. @throws ConfigError */
export function kernelAxis({ kernelSize, stride, padding, dilation }: KernelAxis): KernelAxis {
  checkSize('kernelSize', kernelSize);
  checkSize('stride', stride);
  checkSize('dilation', dilation);
  if (!Number.isSafeInteger(padding) || padding < 0) {
    throw new ConfigError({ where: 'padding', expected: 'an integer ≥ 0', received: String(padding) });
  }
  return { kernelSize, stride, padding, dilation };
}

/** How many outputs an axis of `length` inputs gives. @throws ShapeError if the kernel does not fit once */
export function convolvedLength({ kernelSize, stride, padding, dilation }: KernelAxis, length: number): number {
  const extent = (kernelSize - 1) * dilation + 1;
  const padded = length + 2 * padding;
  if (padded >= extent) return Math.floor((padded - extent) / stride) + 1;
  throw new ShapeError({
    where: 'convolution input',
    expected: `at least ${extent - 2 * padding} along each convolved axis`,
    received: String(length),
    hint: `The kernel spans ${extent} values, padding included: use longer inputs, more padding or a smaller kernel.`,
  });
}
