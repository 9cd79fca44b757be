import {
  composeUnchecked,
  isLearning,
  type Model,
  type Processor,
  RandomKey,
  type Registry,
  type Sample,
} from '@polymodal/core';
import { everySubset } from './mixed-samples';
import { streamOf } from './processor-case';

/** How a whole model is tested. */
export interface ModelConformance {
  /** Holds the parts that the config uses. */
  readonly registry: Registry;
  /** The model's config. Small sizes keep the tests fast. */
  readonly config: unknown;
  /** A sample with a raw value for every modality of the model and, for learning, with targets. */
  readonly sample: (key: RandomKey) => Sample | Promise<Sample>;
  /** How far predictions that should be equal up to rounding may lie apart. Default 1e-4. */
  readonly tolerance?: number;
}

/** A model under test. */
export interface ModelCase {
  readonly name: string;
  readonly registry: Registry;
  readonly tolerance: number;
  /** One sample of every subset of the modalities that a head can run on, in mixed order. */
  readonly samples: readonly Sample[];
  /** A new instance, with another seed if one is given. */
  compose(seed?: number): Model;
}

/** A model and samples of every subset of its modalities to run it on. */
export async function modelCase(name: string, conformance: ModelConformance): Promise<ModelCase> {
  const { registry, config, tolerance = 1e-4 } = conformance;
  const learned = new Map<string, Uint8Array>();
  const savedFile = (part: string, file: string) => learned.get(`${part}/${file}`);
  const compose = (seed?: number) =>
    composeUnchecked(registry, seed === undefined ? config : { ...(config as object), seed }, { savedFile });
  const model = compose();
  const { modalities } = model;
  const answers = (subset: readonly string[]) => Object.keys(model.heads).some((head) => model.canRun(head, subset));
  const subsets = everySubset(modalities).filter(answers);
  const key = RandomKey.from(0).fold('samples');
  const samples: Sample[] = [];
  for (const index of key.shuffle(subsets.length)) {
    const full = await conformance.sample(key.fold(index));
    const present = subsets[index].map((modality) => [modality, full[modality]]);
    samples.push({ ...Object.fromEntries(present), ...(full.targets && { targets: full.targets }) });
  }
  for (const [path, content] of await learnFrom(model, samples)) learned.set(path, content);
  model.dispose();
  return { name: `model "${name}"`, registry, tolerance, samples, compose };
}

/** What processors that learn from data have learned from samples: files, by their paths in a saved model. */
async function learnFrom({ processors, targets }: Model, samples: readonly Sample[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const learn = async (part: string, processor: Processor, values: readonly unknown[]) => {
    if (!isLearning(processor)) return;
    await processor.fit(streamOf(values.filter((value) => value !== undefined && value !== null)));
    for (const [name, content] of Object.entries(processor.files())) files.set(`${part}/${name}`, content);
  };
  for (const [slot, processor] of Object.entries(processors)) {
    await learn(
      `processors/${slot}`,
      processor,
      samples.map((sample) => sample[slot]),
    );
  }
  for (const [head, { name, processor }] of Object.entries(targets)) {
    await learn(
      `targets/${head}`,
      processor,
      samples.map((sample) => sample.targets?.[name]),
    );
  }
  return files;
}
