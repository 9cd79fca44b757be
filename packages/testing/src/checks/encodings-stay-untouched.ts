import { collateSamples, fusedPart, type HostBatch, inferenceContext } from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';
import { rowValues } from '../compare/row-values';

/** For a fusion that offers it: `encoded` holds for each modality what its encoder makes of the row, whichever others the row has beside it. */
export async function encodingsStayUntouched(subject: FusionCase): Promise<void> {
  const { samples, tolerance } = subject;
  const built = subject.build();
  try {
    const mixed = collateSamples(subject, samples);
    for (const modality of subject.modalities) {
      const together = await encodings(built, mixed, modality);
      for (const [index, row] of [...mixed.modalities[modality].rows].entries()) {
        const features = { [modality]: samples[row].features[modality] };
        const single = collateSamples(subject, [{ features, targets: {} }]);
        const alone = rowValues(await encodings(built, single, modality), 0);
        const claim = `${subject.name}, encoding of ${modality} in row ${row} against a row with ${modality} alone`;
        expectSameValues(claim, alone, rowValues(together, index), tolerance);
      }
    }
  } finally {
    built.dispose();
  }
}

function encodings(built: BuiltFusion, batch: HostBatch, modality: string) {
  return readTensors(() => {
    const { tokens, mask, pooled } = fusedPart(built.fuse(batch, inferenceContext()), 'encoded')[modality];
    return { tokens, mask, pooled };
  });
}
