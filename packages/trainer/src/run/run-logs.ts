import type { HeldFolder } from '@polymodal/core/node';
import type { AllModalities } from '../modalities/modality-figures';
import type { Scalars } from '../tensorboard/event';
import { EventFile } from '../tensorboard/event-file';
import type { EpochRecord } from './epoch-record';
import type { MetricsLog } from './metrics-log';
import { openMetrics } from './open-metrics';
import type { Position } from './position';
import type { StepRecord } from './step-record';

/** What a run writes as it goes on: `metrics.jsonl`, and events for TensorBoard where they are asked for. */
export class RunLogs {
  readonly #metrics: MetricsLog;
  readonly #events: EventFile | undefined;
  readonly #former: Position;

  private constructor(metrics: MetricsLog, events: EventFile | undefined, former: Position) {
    this.#metrics = metrics;
    this.#events = events;
    this.#former = former;
  }

  /**
   * Opens both where they stood at a position.
   *
   * @param warn is told of files that were changed since
   * @throws StorageError, FileFormatError for files that cannot be read or written
   */
  static async open(
    folder: HeldFolder,
    position: Position,
    tensorboard: boolean,
    warn: (message: string) => void,
  ): Promise<RunLogs> {
    const metrics = await openMetrics(folder, position, warn);
    const events = tensorboard ? await EventFile.open(folder, position.eventBytes, warn) : undefined;
    return new RunLogs(metrics, events, position);
  }

  /** What a checkpoint has to know of them. */
  get marks(): Pick<Position, 'metrics' | 'eventBytes'> {
    return { metrics: this.#metrics.mark, eventBytes: this.#events?.bytes ?? this.#former.eventBytes };
  }

  step(record: StepRecord): void {
    this.#metrics.append({ type: 'step', ...record });
    this.#events?.append(record.step, stepScalars(record));
  }

  epoch(record: EpochRecord): void {
    this.#metrics.append({ type: 'epoch', ...record });
    this.#events?.append(record.step, epochScalars(record));
  }

  /** Waits until all is on the disk. */
  sync(): void {
    this.#metrics.sync();
    this.#events?.sync();
  }

  close(): void {
    this.#metrics.close();
    this.#events?.close();
  }
}

function stepScalars(record: StepRecord): Scalars {
  const {
    loss,
    losses,
    gradientNorm,
    headGradientCosines = {},
    learningRate,
    lossWeights = {},
    modalities = {},
    pace,
  } = record;
  return {
    'loss/all': loss,
    ...tagged('loss', losses),
    ...tagged('loss weight', lossWeights),
    ...tagged('gradient cosine', headGradientCosines),
    ...modalityScalars(modalities),
    'step/gradient norm': gradientNorm,
    'step/learning rate': learningRate,
    'speed/samples per second': pace.samplesPerSecond,
    'speed/data wait': pace.dataWait,
    'speed/memory': pace.memory,
  };
}

/** Each figure of all modalities side by side. */
function modalityScalars(modalities: AllModalities): Scalars {
  const ofSlot = ([slot, { gradientShare, factor, gate, usage }]: [string, AllModalities[string]]) =>
    Object.entries({ 'gradient share': gradientShare, 'gradient factor': factor, gate, usage }).flatMap(
      ([name, value]) => (value === undefined ? [] : [[`${name}/${slot}`, value] as const]),
    );
  return Object.fromEntries(Object.entries(modalities).flatMap(ofSlot));
}

function epochScalars({ loss, losses, modalities = {}, evaluation = {} }: EpochRecord): Scalars {
  const figures = Object.entries(evaluation).map(([head, { metrics }]) => tagged(`evaluation/${head}`, metrics));
  const ofModalities = tagged('epoch', modalityScalars(modalities));
  return Object.assign({ 'epoch loss/all': loss, ...tagged('epoch loss', losses), ...ofModalities }, ...figures);
}

function tagged(group: string, values: Scalars): Scalars {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
}
