import { RandomKey } from '@polymodal/core';
import { digitsModel, type FusionName } from '../digits-model';

/** Pictures and texts of these lengths, in characters. */
function samples(lengths: readonly number[]) {
  return lengths.map((length, row) => ({
    image: { data: RandomKey.from(row).uniform(28 * 28), width: 28, height: 28, channels: 1 },
    text: 'zero one two three four five'.slice(0, length),
  }));
}

/** The model over pictures and text as a function of tensors, and inputs of sizes that it is not traced at. */
export async function exportedDigits(fusion: FusionName) {
  const model = digitsModel(fusion, 0);
  const prepare = (lengths: readonly number[]) => Promise.all(samples(lengths).map((sample) => model.prepare(sample)));
  const signature = await model.signature(samples([5])[0], { heads: ['digit'] });
  const others = await Promise.all([[1], [3, 20, 7], Array.from({ length: 17 }, (_, row) => row + 1)].map(prepare));
  return {
    fn: signature.run,
    // All texts are padded to one length.
    options: {
      dynamicAxes: Object.fromEntries(Object.keys(signature.dynamicAxes).map((input) => [input, { 0: 'rows' }])),
    },
    example: signature.inputs(await prepare([5, 9, 4, 2, 1, 8])),
    others: () => others.map((prepared) => signature.inputs(prepared)),
  };
}
