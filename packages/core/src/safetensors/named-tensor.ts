/** A named float32 tensor of a safetensors file. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
