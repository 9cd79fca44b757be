import type { TensorData } from '../tensor-data';

/** Shape, type and values of a tensor that the graph holds. */
export type TensorValues = Pick<TensorData, 'shape' | 'dtype' | 'values'> &
  Partial<Pick<TensorData, 'stored' | 'isUnread'>>;
