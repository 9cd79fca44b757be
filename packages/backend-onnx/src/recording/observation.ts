import type { HostArray } from '../data-type';
import type { Program } from '../program';
import type { TensorData } from '../tensor-data';

/** What a program is about to be run with. */
interface Run {
  readonly program: Program;
  readonly hash: number;
  /** An array per input of the trace. */
  readonly feeds: readonly (HostArray | null)[];
  /** The data that it computes. */
  readonly outputs: readonly TensorData[];
}

/** One call of a step, watched for what its program reads and leaves behind. */
export class Observation {
  /** The data behind each input of the trace; none behind one that a kernel feeds, the number that a large tensor is filled with say. */
  readonly inputs: (TensorData | undefined)[] = [];
  /** The program that the call ran; null before, and if it ran none. */
  run: Run | null = null;
  /** Values that were made within the call, as they were before the run. */
  readonly made = new Map<TensorData, HostArray>();
  /** Why the call cannot be replayed. */
  problem: string | null = null;
  /** Whether it asked for several programs itself, and so not to be replayed. */
  isInPieces = false;

  readonly #given: ReadonlySet<TensorData>;
  readonly #lastSerial: number;

  /**
   * @param given      the arguments of the call; their values may be others in the next one
   * @param lastSerial of the data that was made before the call
   */
  constructor(given: ReadonlySet<TensorData>, lastSerial: number) {
    this.#given = given;
    this.#lastSerial = lastSerial;
  }

  /** Whether the values of data may be others at the next call, so that nothing may be recorded that depends on them. */
  isChanging(data: TensorData): boolean {
    return this.#given.has(data) || data.origin !== null || !this.isMade(data);
  }

  /** Whether data was made within the call. */
  isMade(data: TensorData): boolean {
    return data.serial > this.#lastSerial;
  }

  /** Notes that an input of the trace stands for this data. */
  hold(position: number, data: TensorData): void {
    this.inputs[position] = data;
  }

  /** Notes that values of data are read. */
  noteRead(data: TensorData): void {
    const isComputed = data.values === null || this.run !== null;
    if (isComputed || this.isChanging(data)) this.problem ??= `it reads values of a ${describe(data)} tensor midway`;
  }

  /** Notes what is about to be run. */
  beforeRun(run: Run): void {
    if (this.run !== null)
      this.problem ??= 'it is run in several pieces, because values are read midway or it is too long';
    this.run = run;
    if (this.isInPieces) return;
    for (const position of run.program.inputPositions) {
      const data = this.inputs[position];
      if (data && this.isMade(data) && data.origin === null) this.made.set(data, run.feeds[position]!.slice());
    }
  }
}

/** Type and shape of data, for messages. */
export function describe({ dtype, shape }: TensorData): string {
  return `${dtype}[${shape}]`;
}
