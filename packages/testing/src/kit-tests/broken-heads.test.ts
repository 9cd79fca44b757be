import {
  type Context,
  type HeadDefinition,
  type HeadInput,
  Parameter,
  type Requirements,
  SampleError,
  type Targets,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { headCase } from '../cases/head-case';
import { everyParameterLearns } from '../checks/every-parameter-learns';
import { gradientsMatchFiniteDifferences } from '../checks/gradients-match-finite-differences';
import { lossIsAFiniteScalar } from '../checks/loss-is-a-finite-scalar';
import { metricsAreFinite } from '../checks/metrics-are-finite';
import { onePredictionARow } from '../checks/one-prediction-a-row';
import { predictionsLeakNoTensor } from '../checks/predictions-leak-no-tensor';
import { requirementsSuffice } from '../checks/requirements-suffice';
import { rowsWithoutTargetDoNotCount } from '../checks/rows-without-target-do-not-count';
import { targetsAreThoseDeclared } from '../checks/targets-are-those-declared';
import { withoutTargetsNoLoss } from '../checks/without-targets-no-loss';
import { ReferenceHead, referenceHead } from '../doubles/reference-head';
import { complaint } from './complaint';

type Rows = readonly (Targets | undefined)[];

function broken(Class: typeof ReferenceHead) {
  const definition: HeadDefinition = {
    ...referenceHead,
    create: (_, { name, fusion }) => new Class(name, fusion.hiddenSize),
  };
  return headCase(definition, { targets: (key) => ({ subject: key.normal(1)[0] }) });
}

/** The reference head with another loss. */
function losing(change: (loss: tf.Scalar | undefined, output: tf.Tensor1D, targets: Rows) => tf.Tensor | undefined) {
  class Changed extends ReferenceHead {
    override loss(output: tf.Tensor1D, targets: Rows, context: Parameters<ReferenceHead['loss']>[2]) {
      return change(super.loss(output, targets, context), output, targets) as tf.Scalar | undefined;
    }
  }
  return broken(Changed);
}

/** The reference head with other answers. */
function predicting(change: (predictions: number[], input: HeadInput) => unknown[]) {
  class Changed extends ReferenceHead {
    override async predict(input: HeadInput, context: Context): Promise<number[]> {
      return change(await super.predict(input, context), input) as number[];
    }
  }
  return broken(Changed);
}

describe('the kit finds a head', () => {
  it('whose loss is not a scalar', async () => {
    const subject = await losing((_, output) => tf.square(output));
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('expected a finite scalar, received shape');
  });

  it('whose loss is not finite', async () => {
    const subject = await losing((loss) => loss && tf.log(tf.sub(loss, loss)));
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('received -Infinity');
  });

  it('that never has a loss', async () => {
    const subject = await losing(() => undefined);
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('received undefined');
  });

  it('whose loss without targets is 0', async () => {
    const subject = await losing((loss) => loss ?? tf.scalar(0));
    expect(await complaint(() => withoutTargetsNoLoss(subject))).toContain('loss of a batch with no targets');
  });

  it('that takes the target of another head for its own', async () => {
    const subject = await losing((loss, output, targets) =>
      targets.some((target) => target !== undefined) ? (loss ?? tf.mean(output)) : undefined,
    );
    expect(await complaint(() => withoutTargetsNoLoss(subject))).toContain('targets of another head alone');
  });

  it('that learns from a target under another name than it tells, or refuses its own', async () => {
    class Misnamed extends ReferenceHead {
      override readonly targetNames = ['subjects'];
    }
    expect(await complaint(async () => targetsAreThoseDeclared(await broken(Misnamed)))).toMatch(
      /targetNames: expected "subject", under which it learns, received subjects/,
    );
    class Refusing extends ReferenceHead {
      override checkTargets(): void {
        throw new SampleError({ expected: 'nothing', received: 'a number' });
      }
    }
    expect(await complaint(async () => targetsAreThoseDeclared(await broken(Refusing)))).toContain('checkTargets');
  });

  it('that takes a missing target for 0', async () => {
    const subject = await losing((_, output, targets) => {
      const values = targets.map((target) => (target?.subject as number | undefined) ?? 0);
      return tf.mean(tf.square(tf.sub(output, tf.tensor1d(values))));
    });
    expect(await complaint(() => rowsWithoutTargetDoNotCount(subject))).toContain('hold other features');
  });

  it('that divides by all rows instead of those with a target', async () => {
    const subject = await losing((loss, _, targets) => {
      return loss && tf.mul(loss, targets.filter(Boolean).length / targets.length);
    });
    expect(await complaint(() => rowsWithoutTargetDoNotCount(subject))).toContain(
      'without the rows that have no target',
    );
  });

  it('whose predictions are too few', async () => {
    const subject = await predicting((predictions) => predictions.slice(1));
    expect(await complaint(() => onePredictionARow(subject))).toContain('expected an array of 9, received 8');
  });

  it('whose predictions are sorted', async () => {
    const subject = await predicting((predictions) => predictions.sort((a, b) => a - b));
    expect(await complaint(() => onePredictionARow(subject))).toContain('against the row alone');
  });

  it('whose predictions depend on the batch', async () => {
    const subject = await predicting((predictions) => predictions.map((value) => value / predictions.length));
    expect(await complaint(() => onePredictionARow(subject))).toContain('against the row alone');
  });

  it('whose predictions are drawn anew each time', async () => {
    let calls = 0;
    const subject = await predicting((predictions) => predictions.map(() => ++calls));
    expect(await complaint(() => onePredictionARow(subject))).toContain('predictions of the same batch');
  });

  it('whose predictions are tensors', async () => {
    const subject = await predicting((predictions) => predictions.map((value) => ({ value: tf.scalar(value) })));
    expect(await complaint(() => onePredictionARow(subject))).toContain('expected plain data, received a tensor');
  });

  it('that leaves tensors when it predicts', async () => {
    const subject = await predicting((predictions) => {
      tf.ones([1]);
      return predictions;
    });
    expect(await complaint(() => predictionsLeakNoTensor(subject))).toContain('received 2 more than before');
  });

  it('that requires a modality which the model lacks', async () => {
    class Changed extends ReferenceHead {
      override readonly requires: Requirements = { any: ['image', 'smell'] };
    }
    expect(await complaint(async () => requirementsSuffice(await broken(Changed)))).toContain('received "smell"');
  });

  it('that cannot do with what it requires', async () => {
    class Changed extends ReferenceHead {
      override readonly requires: Requirements = { all: ['image'] };
      override forward(input: HeadInput): tf.Tensor1D {
        return tf.add(super.forward(input), tf.mean(input.fused.encoded.text.pooled));
      }
    }
    await expect(requirementsSuffice(await broken(Changed))).rejects.toThrow(TypeError);
  });

  it('but none that states its requirements rightly', async () => {
    class Demanding extends ReferenceHead {
      override readonly requires: Requirements = { all: ['image'], count: 2 };
      override forward(input: HeadInput): tf.Tensor1D {
        return tf.add(super.forward(input), tf.mean(input.fused.encoded.image.pooled, 1));
      }
    }
    await requirementsSuffice(await broken(Demanding));
  });

  it('whose figures are not finite', async () => {
    class Changed extends ReferenceHead {
      override evaluate() {
        return { accuracy: 0 / 0 };
      }
    }
    expect(await complaint(async () => metricsAreFinite(await broken(Changed)))).toContain('metric accuracy');
  });

  it('with a parameter that its loss does not reach', async () => {
    class Changed extends ReferenceHead {
      readonly temperature = new Parameter([1], () => Float32Array.of(1));
    }
    expect(await complaint(async () => everyParameterLearns(await broken(Changed)))).toContain('temperature');
  });

  it('with a wrong gradient', async () => {
    const wrong = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, 2),
    }));
    const subject = await losing((loss) => loss && wrong(loss));
    expect(await complaint(() => gradientsMatchFiniteDifferences(subject))).toContain('by finite differences');
  });

  it('that hands a wrong gradient on to the fusion', async () => {
    const wrong = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, 2),
    }));
    class Changed extends ReferenceHead {
      override forward({ fused, parent }: HeadInput): tf.Tensor1D {
        return super.forward({ fused: { ...fused, pooled: wrong(fused.pooled) as tf.Tensor2D }, parent });
      }
    }
    const subject = await broken(Changed);
    expect(await complaint(() => gradientsMatchFiniteDifferences(subject))).toContain('all parameters together');
  });
});
