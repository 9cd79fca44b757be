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

/** A program that holds more than this … */
const largeBytes = 2 ** 24;
/** … is released if it stays unused for so many lookups per use it has had: a first step often differs from all others. */
const patience = 64;

/** Bound of what programs hold, beside the intermediate values of the largest. */
const defaultBytes = 2 ** 29;
/** Programs may keep this much for intermediate values from run to run, all together, whatever they need. */
const smallKeptBytes = 2 ** 26;
/** A large program that has been used so often is a loop's: it gets the memory that others have left. */
const steadyUses = 16;

/**
 * Compiled programs by the exact coding of their trace, the least recently used released beyond a bound.
 *
 * A loop whose shapes keep changing compiles at every turn; that is said once, with the shapes that differ.
 *
 * To keep the memory of intermediate values from run to run saves time. But ONNX Runtime does it for each program by
 * itself, and one runs at a time: so all of them together keep what the largest needs, and the others ask the C library
 * for it at each run.
 */
export class ProgramCache {
  private readonly byHash = new Map<number, Entry[]>();
  /** In the order of use, the last one used at the end. */
  private readonly entries = new Set<Entry>();
  private lookups = 0;
  private bytes = 0;
  /** The part of them that is for intermediate values. */
  private keptBytes = 0;
  private largestBytes = 0;
  private compilations = 0;
  private hits = 0;
  private readonly recent: boolean[] = [];
  private warned = false;
  private previous: ProgramShapes | null = null;

  constructor(
    private readonly limits: ProgramCacheLimits,
    private readonly warn: (message: string) => void,
  ) {}

  get counts(): ProgramCacheCounts {
    const { compilations, hits, bytes } = this;
    return { programs: this.entries.size, compilations, hits, programBytes: bytes };
  }

  /**
   * The program of a trace with this hash and coding, compiled if it is not there.
   *
   * @param compile is told whether a program that needs so many bytes for intermediate values may keep them
   */
  get(hash: number, coding: Int32Array, compile: (mayKeep: (bytes: number) => boolean) => Program): Program {
    let found = this.entryOf(hash, coding);
    if (found !== undefined && this.deservesMemory(found)) {
      this.release(found);
      found = undefined;
    }
    this.observe(found === undefined);
    const entry =
      found ??
      this.add(
        hash,
        compile((bytes) => this.mayKeep(bytes)),
      );
    if (found !== undefined) this.hits++;
    return this.use(entry);
  }

  /** The program of a trace with this hash and coding, if it is there and need not be compiled anew. */
  find(hash: number, coding: Int32Array): Program | null {
    const found = this.entryOf(hash, coding);
    if (found === undefined || this.deservesMemory(found)) return null;
    this.hits++;
    return this.use(found);
  }

  /** Whether there is room to keep so many more bytes of intermediate values from run to run. */
  private mayKeep(bytes: number): boolean {
    this.largestBytes = Math.max(this.largestBytes, bytes);
    return this.keptBytes + bytes <= Math.min(this.maxBytes, Math.max(smallKeptBytes, this.largestBytes));
  }

  private deservesMemory({ program, uses }: Entry): boolean {
    const { isKept, intermediateBytes } = program.memory;
    return !isKept && intermediateBytes > largeBytes && uses >= steadyUses && this.mayKeep(intermediateBytes);
  }

  private get maxBytes(): number {
    return this.limits.bytes ?? defaultBytes + this.largestBytes;
  }

  private entryOf(hash: number, coding: Int32Array): Entry | undefined {
    return this.byHash.get(hash)?.find(({ program }) => equal(program.coding, coding));
  }

  private use(entry: Entry): Program {
    this.lookups++;
    entry.uses++;
    entry.lastUse = this.lookups;
    this.entries.delete(entry);
    this.entries.add(entry);
    if (this.lookups % patience === 0) this.releaseIdle();
    return entry.program;
  }

  /** Releases all programs. */
  clear(): void {
    for (const entry of this.entries) this.release(entry);
  }

  private add(hash: number, program: Program): Entry {
    this.compilations++;
    const entry: Entry = { hash, program, uses: 0, lastUse: 0 };
    const bucket = this.byHash.get(hash);
    if (bucket === undefined) this.byHash.set(hash, [entry]);
    else bucket.push(entry);
    this.entries.add(entry);
    this.count(program, 1);
    this.releaseOldest();
    this.warnOfRecompilation(program);
    return entry;
  }

  private releaseOldest(): void {
    for (const entry of this.entries) {
      const isWithin = this.entries.size <= this.limits.programs && this.bytes <= this.maxBytes;
      if (isWithin || this.entries.size === 1) return;
      this.release(entry);
    }
  }

  private releaseIdle(): void {
    for (const entry of this.entries) {
      const isIdle = this.lookups - entry.lastUse > patience * entry.uses;
      if (isIdle && heldBytes(entry.program) > largeBytes) this.release(entry);
    }
  }

  private release(entry: Entry): void {
    entry.program.dispose();
    this.entries.delete(entry);
    this.count(entry.program, -1);
    const bucket = this.byHash.get(entry.hash)!.filter((other) => other !== entry);
    if (bucket.length > 0) this.byHash.set(entry.hash, bucket);
    else this.byHash.delete(entry.hash);
  }

  private count(program: Program, sign: 1 | -1): void {
    this.bytes += sign * heldBytes(program);
    if (program.memory.isKept) this.keptBytes += sign * program.memory.intermediateBytes;
  }

  private observe(compiled: boolean): void {
    this.recent.push(compiled);
    if (this.recent.length > window) this.recent.shift();
  }

  private warnOfRecompilation(program: Program): void {
    if (this.warned) return;
    const now = program.shapes();
    const before = this.previous;
    this.previous = now;
    // A program may still be warming up in its first window: only a full one counts.
    if (before === null || this.recent.length < window || this.recent.filter(Boolean).length < tooMany) return;
    this.warned = true;
    this.warn(
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
