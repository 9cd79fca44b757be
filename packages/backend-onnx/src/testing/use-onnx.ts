import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '../register-onnx-backend';

/** Makes `onnx` the current backend. */
export async function useOnnx(): Promise<void> {
  registerOnnxBackend();
  await tf.setBackend('onnx');
}
