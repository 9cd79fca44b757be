/** ONNX tensor element types (`TensorProto.DataType`) that the backend writes. */
export const ElementType = {
  float32: 1,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** One of the codes of {@link ElementType}. */
export type ElementType = (typeof ElementType)[keyof typeof ElementType];
