import type { ProgressBar } from '../progress';
import type { StepFigures } from '../step-figures';
import type { Position } from './position';
import type { Stage } from './stage';
import { dataWait, describeWait } from './step-time';
import type { TrainingParts } from './training-parts';

/** Says how far a run is, and how fast it goes. */
export class RunProgress {
  readonly #bar: ProgressBar;
  readonly #stages: readonly Stage[];
  /** Since when samples per second are counted: at most since the stage began. */
  #pace = { samples: 0, seconds: 0 };

  constructor({ progress, stages }: Pick<TrainingParts, 'progress' | 'stages'>) {
    this.#bar = progress;
    this.#stages = stages;
  }

  /** Shows the steps of the run, from this one on. */
  start({ step }: Position): void {
    this.#bar.start('Training', this.#stages.at(-1)!.end, step);
  }

  /** Samples per second are counted anew, from here on. */
  countFrom({ seconds }: Position): void {
    this.#pace = { samples: 0, seconds };
  }

  /** Says of a stage with a name that it begins. @param parameters of the whole model */
  announce({ settings: { name }, parameters, end }: Stage, all: number): void {
    if (name === undefined) return;
    this.#bar.say(`Stage ${name}, up to step ${end}: ${parameters.length} of ${all} parameters learn.`);
  }

  /**
   * @param position after the step
   * @param samples  of its batches
   * @param figures  what it came to; none where nothing was to be learned from them
   */
  step(position: Position, samples: number, figures: StepFigures | undefined): void {
    const { epoch, step, time, seconds, stage } = position;
    const { name } = this.#stages[stage].settings;
    this.#pace.samples += samples;
    const samplesPerSecond = Math.round(this.#pace.samples / Math.max(seconds - this.#pace.seconds, 1e-3));
    const wait = dataWait(time);
    const note = [
      ...(name === undefined ? [] : [name]),
      `epoch ${epoch + 1}/${this.#stages.at(-1)!.endEpoch}`,
      ...(figures ? [`loss ${figures.loss.toPrecision(3)}`] : []),
      `${samplesPerSecond} samples/s`,
      describeWait(wait, 'of the epoch'),
    ];
    this.#bar.update(step, note.join('  '), {
      ...(name !== undefined && { stage: name }),
      epoch: epoch + 1,
      ...(figures && { loss: figures.loss, losses: figures.losses }),
      samplesPerSecond,
      dataWait: wait,
    });
  }
}
