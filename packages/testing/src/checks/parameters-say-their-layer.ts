import { inferenceContext, RandomKey, type Tokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltEncoder, EncoderCase } from '../cases/encoder-case';
import { backward } from '../compare/backward';
import { perturbParameters } from '../compare/perturb-parameters';
import { projection } from '../compare/projection';
import { ConformanceError } from '../conformance-error';

/** `layerOf` says of each parameter where it has a gradient: before the first layer (0), in layer i (1 + i), or in `finish` (depth + 1). */
export async function parametersSayTheirLayer(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  try {
    perturbParameters(built.whole, RandomKey.from(0).fold('parameters say their layer'));
    const uses = new Map<string, Set<number>>();
    for (let place = 0; place <= built.module.depth + 1; place++) {
      for (const path of await learningIn(built, place)) uses.set(path, (uses.get(path) ?? new Set()).add(place));
    }
    for (const [path, places] of uses) {
      const said = built.module.layerOf(path);
      if (places.has(said)) continue;
      const [expected, received] = [`layerOf to be ${[...places].join(' or ')} of ${built.module.depth} layers`, said];
      const hint = 'Override layerOf: 0 is before the first layer, 1 + i is layer i, depth + 1 is finish.';
      throw new ConformanceError({
        where: `${subject.name}, parameter ${path}`,
        expected,
        received: String(received),
        hint,
      });
    }
  } finally {
    built.dispose();
  }
}

/** The parameters that have a gradient in one step of the encoding, of which those before are taken as given. */
async function learningIn({ module, embed, named }: BuiltEncoder, place: number): Promise<string[]> {
  const context = inferenceContext();
  const step = (index: number, tokens: Tokens | undefined) =>
    tokens === undefined ? embed(context) : module.layer(index - 1, tokens, context);
  const before = keepAll(() => {
    let tokens: Tokens | undefined;
    for (let index = 0; index < Math.min(place, module.depth + 1); index++) tokens = step(index, tokens);
    return tokens;
  });
  try {
    const { gradients } = await backward(module, () => {
      if (place === module.depth + 1) return projection(named(module.finish(before.tokens!, context)));
      return projection({ tokens: step(place, before.tokens).tokens });
    });
    return Object.entries(gradients).flatMap(([path, { data }]) =>
      Array.from(data).some((value) => value !== 0) ? [path] : [],
    );
  } finally {
    before.dispose();
  }
}

/** Runs a function outside of any gradient and keeps all tensors that it makes, those in an encoder's own state too. */
function keepAll<T>(make: () => T): { readonly tokens: T; dispose(): void } {
  tf.engine().startScope();
  const tokens = make();
  const made = [...tf.engine().state.activeScope.track];
  for (const tensor of made) tf.keep(tensor);
  tf.engine().endScope();
  return { tokens, dispose: () => tf.dispose(made) };
}
