import {
  type Context,
  fusedPart,
  type HeadDefinition,
  type HeadInput,
  Parameter,
  type PresentRows,
  type Requirements,
  type TargetBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { headCase } from '../cases/head-case';
import { calibrationIsOfAnswers } from '../checks/calibration-is-of-answers';
import { everyParameterLearns } from '../checks/every-parameter-learns';
import { gradientsMatchFiniteDifferences } from '../checks/gradients-match-finite-differences';
import { lossIsAFiniteScalar } from '../checks/loss-is-a-finite-scalar';
import { lossesAddUpOverBatches } from '../checks/losses-add-up-over-batches';
import { metricsAreFinite } from '../checks/metrics-are-finite';
import { onePredictionARow } from '../checks/one-prediction-a-row';
import { piecesAreOfTheRows } from '../checks/pieces-are-of-the-rows';
import { predictionsLeakNoTensor } from '../checks/predictions-leak-no-tensor';
import { requirementsSuffice } from '../checks/requirements-suffice';
import { rowsWithoutTargetDoNotCount } from '../checks/rows-without-target-do-not-count';
import { slotsReadSuffice } from '../checks/slots-read-suffice';
import { targetsAreSummedAsTensors } from '../checks/targets-are-summed-as-tensors';
import { withoutTargetsNoLoss } from '../checks/without-targets-no-loss';
import type { NumberFeatures } from '../doubles/number-processor';
import { ReferenceHead, referenceHead } from '../doubles/reference-head';
import { complaint } from './complaint';

type Loss = ReturnType<ReferenceHead['loss']>;

function broken(Class: typeof ReferenceHead) {
  const definition: HeadDefinition = { ...referenceHead, create: (_, { fusion }) => new Class(fusion.hiddenSize) };
  return headCase(definition, { targets: (key) => ({ subject: key.normal(1)[0] }) });
}

/** The reference head with another loss. */
function losing(change: (terms: Loss, target: TargetBatch<NumberFeatures> | undefined, size: number) => Loss) {
  class Changed extends ReferenceHead {
    override loss(target: TargetBatch<NumberFeatures> | undefined, { size }: PresentRows = { size: 0, rows: {} }) {
      return change(super.loss(target), target, size);
    }
  }
  return broken(Changed);
}

/** The reference head with another sum in its loss. */
function summing(change: (sum: tf.Scalar, output: tf.Tensor1D) => tf.Tensor) {
  return losing(({ squaredError }): Loss => {
    if (!squaredError) return {};
    const sum = (output: tf.Tensor1D, context: Context) => change(squaredError.sum(output, context), output);
    return { squaredError: { ...squaredError, sum: sum as typeof squaredError.sum } };
  });
}

/** The reference head with other answers. */
function predicting(change: (predictions: number[]) => unknown[]) {
  class Changed extends ReferenceHead {
    override answers(scores: Parameters<ReferenceHead['answers']>[0]): number[] {
      return change(super.answers(scores)) as number[];
    }
  }
  return broken(Changed);
}

describe('the kit finds a head', () => {
  it('whose loss is not a scalar', async () => {
    const subject = await summing((_, output) => tf.square(output));
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('expected a finite scalar, received shape');
  });

  it('whose loss is not finite', async () => {
    const subject = await summing((sum) => tf.log(tf.sub(sum, sum)));
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('received -Infinity');
  });

  it('whose sums of two batches are not those of one', async () => {
    const subject = await losing(({ squaredError }, target): Loss => {
      if (!squaredError) return {};
      const rows = target!.rows.length;
      return { squaredError: { ...squaredError, sum: (...pass) => tf.div(squaredError.sum(...pass), rows) } };
    });
    expect(await complaint(() => lossesAddUpOverBatches(subject))).toContain('Sum over what is counted');
  });

  it('that sums targets as they stand in host memory', async () => {
    const subject = await losing(({ squaredError }, target): Loss => {
      if (!squaredError) return {};
      const [first] = target!.values.value.data;
      return { squaredError: { ...squaredError, sum: (...pass) => tf.mul(squaredError.sum(...pass), first) } };
    });
    expect(await complaint(() => targetsAreSummedAsTensors(subject))).toContain('its values are there to count with');
  });

  it('whose loss counts things that are no number', async () => {
    const subject = await losing(({ squaredError }) => ({ squaredError: { ...squaredError, count: Infinity } }));
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('squaredError: expected a count above 0');
  });

  it('that never has a loss', async () => {
    const subject = await losing(() => ({}));
    expect(await complaint(() => lossIsAFiniteScalar(subject))).toContain('received none');
  });

  it('whose loss without targets is 0', async () => {
    const subject = await losing((terms, _, size) => ({
      squaredError: { count: size, sum: () => tf.scalar(0) },
      ...terms,
    }));
    expect(await complaint(() => withoutTargetsNoLoss(subject))).toContain('loss of a batch without targets');
  });

  it('that takes a missing target for 0', async () => {
    const subject = await losing((terms, _, size) => ({
      ...terms,
      others: { count: size, sum: (output) => tf.sum<tf.Scalar>(tf.square(output)) },
    }));
    expect(await complaint(() => rowsWithoutTargetDoNotCount(subject))).toContain('hold other features');
  });

  it('that divides by all rows instead of those with a target', async () => {
    const subject = await losing(
      ({ squaredError }, _, size): Loss => (squaredError ? { squaredError: { ...squaredError, count: size } } : {}),
    );
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

  it('that leaves tensors when it produces step by step', async () => {
    class Producing extends ReferenceHead {
      override async *produce(input: HeadInput): AsyncGenerator<never, tf.Tensor1D, void> {
        tf.ones([1]);
        return tf.tidy(() => this.forward(input));
      }
    }
    const subject = await broken(Producing);
    await onePredictionARow(subject);
    expect(await complaint(() => predictionsLeakNoTensor(subject))).toContain('received 2 more than before');
  });

  it('that tells pieces of other rows, or keeps what it holds when it is left', async () => {
    const producing = (tell: (values: number[]) => { row: number; piece: number }[], keep = false) => {
      class Producing extends ReferenceHead {
        override async *produce(input: HeadInput) {
          const output = tf.tidy(() => this.forward(input));
          const held = tf.ones([1]);
          try {
            yield* tell([...(await output.data())]);
            return output.clone();
          } finally {
            output.dispose();
            if (!keep) held.dispose();
          }
        }
      }
      return broken(Producing);
    };
    const right = await producing((values) => values.map((piece, row) => ({ row, piece })));
    await piecesAreOfTheRows(right);
    const reversed = await producing((values) => [...values].reverse().map((piece, row) => ({ row, piece })));
    expect(await complaint(() => piecesAreOfTheRows(reversed))).toContain('against the row alone');
    const beyond = await producing((values) => values.map((piece) => ({ row: values.length, piece })));
    expect(await complaint(() => piecesAreOfTheRows(beyond))).toContain('a piece for row');
    const keeping = await producing((values) => values.map((piece, row) => ({ row, piece })), true);
    expect(await complaint(() => piecesAreOfTheRows(keeping))).toContain('no tensor to be left when it is left');
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
        return tf.add(super.forward(input), tf.mean(fusedPart(input.fused, 'encoded').text.pooled));
      }
    }
    const failing = expect(requirementsSuffice(await broken(Changed))).rejects;
    await failing.toThrow('head "subject": expected its forward() to run, received TypeError');
  });

  it('but none that states its requirements rightly', async () => {
    class Demanding extends ReferenceHead {
      override readonly requires: Requirements = { all: ['image'], count: 2 };
      override forward(input: HeadInput): tf.Tensor1D {
        return tf.add(super.forward(input), tf.mean(fusedPart(input.fused, 'encoded').image.pooled, 1));
      }
    }
    await requirementsSuffice(await broken(Demanding));
  });

  it('that reads more than the slots that it says it reads', async () => {
    class Reading extends ReferenceHead {
      override readonly reads = ['encoded'] as const;
      override readonly requires: Requirements = { all: ['image'] };
      override readonly readsSlots = ['image'];
      override forward(input: HeadInput) {
        return super.forward(input);
      }
    }
    class Honest extends Reading {
      override forward({ fused, ...rest }: HeadInput) {
        return super.forward({ ...rest, fused: { ...fused, pooled: fusedPart(fused, 'encoded').image.pooled } });
      }
    }
    expect(await complaint(async () => slotsReadSuffice(await broken(Reading)))).toContain('from image alone');
    await slotsReadSuffice(await broken(Honest));
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
    const subject = await summing((sum) => wrong(sum));
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

describe('a head that is calibrated', () => {
  function calibrating(change: (head: ReferenceHead) => void) {
    class Changed extends ReferenceHead {
      override calibrate(): void {
        change(this);
      }
    }
    return broken(Changed);
  }

  it('passes where it changes nothing that may learn', async () => {
    await calibrationIsOfAnswers(await calibrating(() => {}));
  });

  it('is found where it changes what was learned, or keeps what it fitted out of the model', async () => {
    const shifting = (head: ReferenceHead) => {
      for (const parameter of head.parameters().values()) parameter.assign(tf.add(parameter.value, 1));
    };
    const subject = await calibrating(shifting);
    expect(await complaint(() => calibrationIsOfAnswers(subject))).toContain('what may learn after calibrate()');
    const fitted = new WeakMap<ReferenceHead, number>();
    class Secret extends ReferenceHead {
      override calibrate(): void {
        fitted.set(this, 2);
      }
      override answers(scores: Parameters<ReferenceHead['answers']>[0]): number[] {
        return super.answers(scores).map((answer) => answer * (fitted.get(this) ?? 1));
      }
    }
    const secret = await broken(Secret);
    expect(await complaint(() => calibrationIsOfAnswers(secret))).toContain('answers of a head with the same buffers');
  });
});
