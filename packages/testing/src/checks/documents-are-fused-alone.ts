import {
  collateSamples,
  type FusionDefinition,
  type HostBatch,
  type HostTensor,
  type PreparedSample,
  placeFeatures,
  prepareSample,
  RandomKey,
  type Sample,
} from '@polymodal/core';
import type { FusionCase } from '../cases/fusion-case';
import { type FusionOfSeveral, fusionOfSeveral, withoutValues } from '../cases/fusion-of-several';
import { expectCounted } from '../compare/expect-counted';
import { expectSameValues } from '../compare/expect-same-values';
import { type FusedValues, fusedRow } from '../compare/fused-row';
import type { Values } from '../compare/read-tensors';
import { randomSignal } from '../doubles/random-signal';

/**
 * Documents with no, one and three values of another slot, one whose values have been dropped, and plain values share a batch, each row
 * fused as it is alone, whatever stands where there is no value and in the padding of the documents.
 */
export async function documentsAreFusedAlone(subject: FusionCase, definition: FusionDefinition): Promise<void> {
  const { name, tolerance } = subject;
  const built = fusionOfSeveral(subject, definition);
  const host = hostOf(subject, built);
  try {
    const samples = await samplesOf(subject, built, host);
    const batch = collateSamples(
      built,
      samples.map(({ sample }) => sample),
    );
    const together = await built.fuse(batch);
    const spoilt = await built.fuse(withSpoiltPadding(withoutValues(batch, built.slot), host));
    for (const [row, { called, sample }] of samples.entries()) {
      const claim = `${name}, ${called}`;
      expectCounted(claim, together, row, built.tokenCount(sample));
      const alone = inOrder(await built.fuse(collateSamples(built, [sample])), 0);
      expectSameValues(`${claim} in a mixed batch against it alone`, alone, inOrder(together, row), tolerance);
      const inSpoilt = inOrder(spoilt, row);
      expectSameValues(`${claim}, with other places in padding`, inOrder(together, row), inSpoilt, 0);
    }
  } finally {
    built.dispose();
  }
}

/** What a fusion made of a row, and whose its tokens are, one after the other. */
function inOrder(fused: FusedValues, row: number): Values {
  const { owner, mask } = fused.values;
  if (!owner) return fusedRow(fused, row);
  const length = owner.shape[1];
  const tokens = Array.from({ length }, (_, token) => row * length + token).filter((token) => mask.data[token] === 1);
  const owners = { shape: [tokens.length], data: tokens.map((token) => owner.data[token]) };
  return { ...fusedRow(fused, row), 'owners of tokens': owners };
}

/** The slot whose documents are tried: one that the fusion requires, if there is one. */
function hostOf({ modalities, requires }: FusionCase, { slot }: FusionOfSeveral): string {
  const others = modalities.filter((modality) => modality !== slot);
  return others.find((modality) => requires.all?.includes(modality)) ?? others[0];
}

async function samplesOf(
  { modalities, requires }: FusionCase,
  built: FusionOfSeveral,
  host: string,
): Promise<{ called: string; sample: PreparedSample }[]> {
  const { slot } = built;
  const key = RandomKey.from(0).fold('documents');
  const own = (index: number) => ({ [host]: randomSignal(key.fold(host).fold(index)) });
  const value = (index: number) => ({ [slot]: randomSignal(key.fold(slot).fold(index)) });
  const beside = modalities.filter((each) => each !== slot && each !== host && requires.all?.includes(each));
  const others = Object.fromEntries(beside.map((each) => [each, randomSignal(key.fold(each))]));
  const prepare = (sample: Sample) => prepareSample(built, { ...others, ...sample }, { training: false });

  const three = [value(0), own(1), value(2), value(1), own(2)];
  const { features, targets } = await prepare({ [host]: [own(3), value(3), own(4)] });
  const { [slot]: _, ...rest } = features;
  return [
    {
      called: `a row without a document, with ${slot}`,
      sample: await prepare({ ...own(5), [slot]: [randomSignal(key)] }),
    },
    { called: 'a document without places', sample: await prepare({ [host]: [own(0)] }) },
    { called: `a document with three values of ${slot}`, sample: await prepare({ [host]: three }) },
    { called: `a document with a value of ${slot}`, sample: await prepare({ [host]: [own(0), value(4)] }) },
    { called: `a document whose value of ${slot} was dropped`, sample: { features: rest, targets } },
    { called: 'a row without a document', sample: await prepare(own(6)) },
  ];
}

/** Other places where the documents are padded, as if values stood there. */
function withSpoiltPadding(batch: HostBatch, host: string): HostBatch {
  const { rows, features } = batch.modalities[host];
  const spoilt = Object.fromEntries(
    placeFeatures.map((name): [string, HostTensor] => {
      const { data } = features[name];
      const known = Math.max(...data);
      const values = data.map((place, index) => (features.mask.data[index] === 1 ? place : index % (known + 1)));
      return [name, { ...features[name], data: values }];
    }),
  );
  return { ...batch, modalities: { ...batch.modalities, [host]: { rows, features: { ...features, ...spoilt } } } };
}
