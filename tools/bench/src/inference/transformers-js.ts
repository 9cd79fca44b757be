// A contender: the exported model in transformers.js, if it is installed in the folder given as the second argument.
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { NotInstalledError } from '../serve';
import { serveInference } from './serve-inference';

/** The part of transformers.js that is used here. */
interface TransformersJs {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModel: {
    from_pretrained(
      name: string,
      options: { dtype: string; device: string },
    ): Promise<(inputs: Record<string, unknown>) => Promise<{ last_hidden_state: { data: Float32Array } }>>;
  };
  readonly Tensor: new (type: string, data: Int32Array | Float32Array, shape: readonly number[]) => object;
}

const packageName = '@huggingface/transformers';

await serveInference('transformers-js', async (folder) => {
  const { env, AutoModel, Tensor } = await load(process.argv[3]!);
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const model = await AutoModel.from_pretrained(basename(folder), { dtype: 'fp32', device: 'cpu' });
  return async ({ ids, mask, shape }) => {
    const inputs = { input_ids: new Tensor('int32', ids, shape), attention_mask: new Tensor('float32', mask, shape) };
    const { last_hidden_state } = await model(inputs);
    return last_hidden_state.data;
  };
});

async function load(place: string): Promise<TransformersJs> {
  const require = createRequire(join(place, 'package.json'));
  let path: string;
  try {
    path = require.resolve(packageName);
  } catch {
    throw new NotInstalledError(packageName);
  }
  return require(path) as TransformersJs;
}
