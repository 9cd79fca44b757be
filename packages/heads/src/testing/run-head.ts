import {
  type Features,
  type FeaturesOf,
  type Head,
  type HeadInput,
  type HostTensor,
  inferenceContext,
  meanLoss,
  type PresentRows,
  type Processor,
  type SummedTerm,
  type TargetBatch,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** For tests: what a head is given of targets, `undefined` for rows without one. */
export function targetBatch<P extends Processor>(
  processor: P,
  raws: readonly unknown[],
): TargetBatch<FeaturesOf<P>> | undefined {
  const rows = [...raws.keys()].filter((row) => raws[row] !== undefined);
  if (rows.length === 0) return undefined;
  const features = processor.collate(targetFeatures(processor, raws).filter((own) => own !== undefined));
  const wanted = { rows: Int32Array.from(rows), features };
  const { targets } = uploadBatch({ size: raws.length, modalities: {}, targets: { wanted } });
  return targets.wanted as TargetBatch<FeaturesOf<P>>;
}

/** For tests: the features of each row's target. */
export function targetFeatures<Row extends Features>(
  processor: Processor<unknown, Row>,
  raws: readonly unknown[],
): (Row | undefined)[] {
  return raws.map((raw) => (raw === undefined ? undefined : (processor.process(raw, { training: false }) as Row)));
}

/** For tests: the loss of a head, and its terms; `undefined` where it counts nothing. */
export function lossOf<Output>(
  head: Head<Output>,
  output: Output,
  target: TargetBatch | undefined,
  input: HeadInput,
): tf.Scalar | undefined {
  const terms: Record<string, SummedTerm> = {};
  for (const [name, own] of Object.entries(head.loss(target, presentIn(input)))) {
    if (own.count === 0) continue;
    terms[name] = { sum: own.sum(output, inferenceContext()), count: own.count, weight: own.weight ?? 1 };
  }
  return Object.keys(terms).length > 0 ? meanLoss(terms) : undefined;
}

/** For tests: what a head answers. */
export function answersOf<Output, Prediction>(head: Head<Output, Prediction>, input: HeadInput): Prediction[] {
  const values: Record<string, HostTensor> = {};
  const scores = tf.tidy(() => head.scores(head.forward(input, inferenceContext())));
  for (const [name, tensor] of Object.entries(scores)) {
    values[name] = { data: tensor.dataSync() as Float32Array, shape: tensor.shape };
  }
  return head.answers(values, presentIn(input), {}, []) as Prediction[];
}

function presentIn({ fused }: HeadInput): PresentRows {
  const rows = Object.entries(fused.encoded ?? {}).map(([modality, encoded]) => [modality, encoded.rows] as const);
  return { size: fused.pooled.shape[0], rows: Object.fromEntries(rows) };
}
