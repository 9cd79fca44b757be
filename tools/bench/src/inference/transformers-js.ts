// A contender: the exported model in transformers.js, if it is installed in the folder given as the second argument.
import { loadLocal, loadTransformersJs } from '../transformers-js-package';
import { serveInference } from './serve-inference';

await serveInference('transformers-js', async (folder) => {
  const transformers = loadTransformersJs(process.argv[3]!);
  const model = await loadLocal(transformers, transformers.AutoModel, folder);
  const { Tensor } = transformers;
  return async ({ ids, mask, shape }) => {
    const inputs = { input_ids: new Tensor('int32', ids, shape), attention_mask: new Tensor('float32', mask, shape) };
    const { last_hidden_state } = await model(inputs);
    return last_hidden_state.data;
  };
});
