import { ConfigError, inferenceContext } from '@polymodal/core';
import type { BuiltFusion, FusionCase } from '../cases/fusion-case';
import { readTensors } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** Encoders that are wider than the model are joined at the width that the fusion says it has, or refused with a ConfigError at once. */
export async function encodersMayHaveOtherWidths(subject: FusionCase): Promise<void> {
  const usual = subject.build();
  const encoderSize = 2 * usual.module.hiddenSize;
  usual.dispose();
  let built: BuiltFusion;
  try {
    built = subject.build({ encoderSize });
  } catch (error) {
    if (error instanceof ConfigError) return;
    throw error;
  }
  try {
    const { pooled } = await readTensors(() => built.outputs(inferenceContext()));
    const { hiddenSize } = built.module;
    if (pooled.shape[1] === hiddenSize) return;
    throw new ConformanceError({
      where: `${subject.name}, encoders of twice the width`,
      expected: `pooled vectors of the fusion's width ${hiddenSize}`,
      received: `${pooled.shape[1]}`,
    });
  } finally {
    built.dispose();
  }
}
