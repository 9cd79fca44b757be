// A contender: the exported model in transformers.js, if it is installed in the folder given as the second argument. The third
// says which model it is.
import { type Call, serveCalls } from '../calls/serve-calls';
import { loadLocal, loadTransformersJs, type TransformersJs } from '../transformers-js-package';
import { readInput } from './read-input';

const [, , , place, kind] = process.argv as [string, string, string, string, string];

await serveCalls('transformers-js', async (folder) => {
  const transformers = loadTransformersJs(place);
  if (kind === 'gpt2') return loadDecoder(transformers, folder);
  const inputs = {
    bert: ['input_ids', 'attention_mask', 'token_type_ids'],
    clip: ['pixel_values'],
    wav2vec2: ['input_values'],
  };
  return loadEncoder(transformers, folder, inputs[kind as keyof typeof inputs]);
});

async function loadEncoder(transformers: TransformersJs, folder: string, names: readonly string[]): Promise<Call> {
  const { AutoModel, CLIPVisionModel } = transformers;
  const model = await loadLocal(transformers, kind === 'clip' ? CLIPVisionModel : AutoModel, folder);
  const inputs = Object.fromEntries(names.map((name) => [name, tensorOf(transformers, folder, name)]));
  return async () => (await model(inputs)).last_hidden_state.data;
}

async function loadDecoder(transformers: TransformersJs, folder: string): Promise<Call> {
  const model = await loadLocal(transformers, transformers.AutoModelForCausalLM, folder);
  const inputs = tensorOf(transformers, folder, 'input_ids');
  const options = { inputs, do_sample: false, max_new_tokens: 64, min_new_tokens: 64 };
  return async () => Float32Array.from((await model.generate(options)).data, Number);
}

function tensorOf({ Tensor }: TransformersJs, folder: string, name: string): object {
  const { data, shape } = readInput(folder, name);
  return data instanceof Int32Array
    ? new Tensor('int64', BigInt64Array.from(data, BigInt), shape)
    : new Tensor('float32', data, shape);
}
