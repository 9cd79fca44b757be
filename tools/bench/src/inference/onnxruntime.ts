// A contender: the exported model in onnxruntime-node, without TensorFlow.js.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { serveInference } from './serve-inference';
import { workloadFiles } from './workload';

await serveInference('onnxruntime', async (folder) => {
  const session = await InferenceSession.create(workloadFiles(folder).onnx);
  return async ({ ids, mask, shape }) => {
    const inputs = { input_ids: new Tensor('int32', ids, shape), attention_mask: new Tensor('float32', mask, shape) };
    const { last_hidden_state } = await session.run(inputs);
    return last_hidden_state!.data as Float32Array;
  };
});
