/** Values of one input tensor. */
export interface Input {
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: readonly number[];
}
