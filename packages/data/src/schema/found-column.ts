import type { FoundKind } from './column-kind';

/** A column, the cells that were looked at, and what they are. */
export interface FoundColumn extends FoundKind {
  readonly column: string;
  readonly cells: readonly unknown[];
  /** Of indices of classes, and of boxes: the names of these, where the file says them. */
  readonly classes?: readonly string[];
}
