import * as tf from '@tensorflow/tfjs-core';
import type { Program } from './program';
import { type ProgramShapes, shapeDifference } from './shape-difference';

/** Counts that tell how well compiled programs are used again. */
export interface ProgramCacheCounts {
  readonly programs: number;
  readonly compilations: number;
  readonly hits: number;
  /** About how many bytes ONNX Runtime holds for the programs between runs. */
  readonly programBytes: number;
}

/** Bounds of a {@link ProgramCache}. The program used last is kept in any case. */
export interface ProgramCacheLimits {
  readonly programs: number;
  /** By default 512 MiB, and once the intermediate values of the largest program. */
  readonly bytes?: number | undefined;
}

interface Entry {
  readonly hash: number;
  readonly program: Program;
  uses: number;
  lastUse: number;
}

/** Of this many lookups in a row … */
const window = 100;
/** … this many compilations mean that a loop keeps compiling. */
const tooMany = 60;

/** A program that holds, or needs, more than this is large … */
const largeBytes = 2 ** 24;
/** … and released if it stays unused for so many lookups per use it has had: a first step often differs from all others. */
const patience = 64;

/** Bound of what programs hold, beside the intermediate values of the largest. */
const defaultBytes = 2 ** 29;
/** Small programs may keep this much for intermediate values from run to run, all together. */
const smallKeptBytes = 2 ** 26;

/**
 * Compiled programs by the exact coding of their trace, the least recently used released beyond a bound.
 *
 * A loop whose shapes keep changing compiles at every turn; that is said once, with the shapes that differ.
 *
 * To keep the memory of intermediate values from run to run saves some time. But ONNX Runtime does it for each program by
 * itself, though one runs at a time: so of the large ones only the one that runs alone keeps it. Where large programs take
 * turns, as where lengths vary, none does.
 */
export class ProgramCache {
  readonly #byHash = new Map<number, Entry[]>();
  /** In the order of use, the last one used at the end. */
  readonly #entries = new Set<Entry>();
  #lookups = 0;
  #bytes = 0;
  /** Bytes that small programs keep for intermediate values. */
  #smallBytes = 0;
  /** The most that a program needs for intermediate values. */
  #largestBytes = 0;
  /** The large program that was used last, and how often since another was. */
  #last: Entry | null = null;
  #usesInRow = 0;
  #compilations = 0;
  #hits = 0;
  readonly #recent: boolean[] = [];
  #warned = false;
  #previous: ProgramShapes | null = null;

  readonly #limits: ProgramCacheLimits;
  readonly #warn: (message: string) => void;

  constructor(limits: ProgramCacheLimits, warn: (message: string) => void) {
    this.#limits = limits;
    this.#warn = warn;
  }

  get counts(): ProgramCacheCounts {
    const compilations = this.#compilations;
    const hits = this.#hits;
    const bytes = this.#bytes;
    return { programs: this.#entries.size, compilations, hits, programBytes: bytes };
  }

  /**
   * The program of a trace with this hash and coding, compiled if it is not there.
   *
   * @param compile is told whether a program that needs so many bytes for intermediate values may keep them
   */
  get(hash: number, coding: Int32Array, compile: (mayKeep: (bytes: number) => boolean) => Program): Program {
    let found = this.#entryOf(hash, coding);
    const isAlone = found !== undefined && this.#deservesMemory(found);
    if (found !== undefined && isAlone) {
      this.#release(found);
      found = undefined;
    }
    this.#observe(found === undefined);
    const entry =
      found ??
      this.#add(
        hash,
        compile((bytes) => this.#mayKeep(bytes, isAlone || this.#last === null)),
      );
    if (found !== undefined) this.#hits++;
    return this.#use(entry);
  }

  /** The program of a trace with this hash and coding, if it is there and need not be compiled anew. */
  find(hash: number, coding: Int32Array): Program | null {
    const found = this.#entryOf(hash, coding);
    if (found === undefined || this.#deservesMemory(found)) return null;
    this.#hits++;
    return this.#use(found);
  }

  #mayKeep(bytes: number, isAlone: boolean): boolean {
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
    if (this.#isUnbounded) return true;
    if (bytes <= largeBytes) return this.#smallBytes + bytes <= Math.min(this.#maxBytes, smallKeptBytes);
    return isAlone && bytes <= this.#maxBytes;
  }

  /** Whether a large program has run alone for so long that it is worth compiling it once more. */
  #deservesMemory(entry: Entry): boolean {
    const isSteady = entry === this.#last && this.#usesInRow >= patience;
    return isSteady && !entry.program.memory.isKept && entry.program.memory.intermediateBytes <= this.#maxBytes;
  }

  /** Whoever sets no bound in bytes (`Infinity`) gets every program with its memory, and none is made anew. */
  get #isUnbounded(): boolean {
    return this.#limits.bytes === Number.POSITIVE_INFINITY;
  }

  get #maxBytes(): number {
    return this.#limits.bytes ?? defaultBytes + this.#largestBytes;
  }

  #entryOf(hash: number, coding: Int32Array): Entry | undefined {
    return this.#byHash.get(hash)?.find(({ program }) => equal(program.coding, coding));
  }

  #use(entry: Entry): Program {
    this.#lookups++;
    entry.uses++;
    entry.lastUse = this.#lookups;
    this.#entries.delete(entry);
    this.#entries.add(entry);
    if (entry.program.memory.intermediateBytes > largeBytes) this.#useLarge(entry);
    if (this.#lookups % patience === 0) this.#releaseIdle();
    return entry.program;
  }

  #useLarge(entry: Entry): void {
    if (entry !== this.#last) {
      const mustYield = !this.#isUnbounded && this.#last?.program.memory.isKept && this.#entries.has(this.#last);
      if (this.#last && mustYield) this.#release(this.#last);
      this.#last = entry;
      this.#usesInRow = 0;
    }
    this.#usesInRow++;
  }

  /** Releases all programs. */
  clear(): void {
    for (const entry of this.#entries) this.#release(entry);
    this.#last = null;
  }

  #add(hash: number, program: Program): Entry {
    this.#compilations++;
    const entry: Entry = { hash, program, uses: 0, lastUse: 0 };
    const bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, [entry]);
    else bucket.push(entry);
    this.#entries.add(entry);
    this.#count(program, 1);
    this.#releaseOldest();
    this.#warnOfRecompilation(program);
    return entry;
  }

  #releaseOldest(): void {
    for (const entry of this.#entries) {
      const isWithin = this.#entries.size <= this.#limits.programs && this.#bytes <= this.#maxBytes;
      if (isWithin || this.#entries.size === 1) return;
      this.#release(entry);
    }
  }

  #releaseIdle(): void {
    if (this.#isUnbounded) return;
    for (const entry of this.#entries) {
      const isIdle = this.#lookups - entry.lastUse > patience * entry.uses;
      if (isIdle && heldBytes(entry.program) > largeBytes) this.#release(entry);
    }
  }

  #release(entry: Entry): void {
    entry.program.dispose();
    this.#entries.delete(entry);
    this.#count(entry.program, -1);
    const bucket = this.#byHash.get(entry.hash)!.filter((other) => other !== entry);
    if (bucket.length > 0) this.#byHash.set(entry.hash, bucket);
    else this.#byHash.delete(entry.hash);
  }

  #count(program: Program, sign: 1 | -1): void {
    this.#bytes += sign * heldBytes(program);
    const { isKept, intermediateBytes } = program.memory;
    if (isKept && intermediateBytes <= largeBytes) this.#smallBytes += sign * intermediateBytes;
  }

  #observe(compiled: boolean): void {
    if (tf.engine().state.profiling) return; // each kernel is run by itself, and once
    this.#recent.push(compiled);
    if (this.#recent.length > window) this.#recent.shift();
  }

  #warnOfRecompilation(program: Program): void {
    if (this.#warned || tf.engine().state.profiling) return;
    const now = program.shapes();
    const before = this.#previous;
    this.#previous = now;
    // A program may still be warming up in its first window: only a full one counts.
    if (before === null || this.#recent.length < window || this.#recent.filter(Boolean).length < tooMany) return;
    this.#warned = true;
    this.#warn(
      `backend onnx: ${tooMany} of the last ${window} runs had to be compiled first, which is slow. ` +
        'Keep the shapes of a loop the same, or few (pad to buckets). The last two programs differ in:\n' +
        shapeDifference(before, now),
    );
  }
}

/** Between runs. */
function heldBytes({ memory }: Program): number {
  return memory.graphBytes + (memory.isKept ? memory.intermediateBytes : 0);
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
