import type { Program } from './program';

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
  readonly bytes: number;
}

/** Of this many lookups in a row … */
const window = 100;
/** … this many compilations mean that a loop keeps compiling. */
const tooMany = 60;

/**
 * Compiled programs by the exact coding of their trace, the least recently used released beyond a bound.
 *
 * A loop whose shapes keep changing compiles at every turn; that is said once, with the shapes that differ.
 */
export class ProgramCache {
  /** By hash; the order of insertion is the order of use. */
  private readonly programs = new Map<number, Program[]>();
  private size = 0;
  private bytes = 0;
  private compilations = 0;
  private hits = 0;
  private recent: boolean[] = [];
  private warned = false;
  private previous: string | null = null;

  constructor(
    private readonly limits: ProgramCacheLimits,
    private readonly warn: (message: string) => void,
  ) {}

  get counts(): ProgramCacheCounts {
    return { programs: this.size, compilations: this.compilations, hits: this.hits, programBytes: this.bytes };
  }

  /** The program of a trace with this hash and coding, compiled if it is not there. */
  get(hash: number, coding: Int32Array, compile: () => Program): Program {
    const found = this.programs.get(hash)?.find((program) => equal(program.coding, coding));
    this.observe(found === undefined);
    if (found !== undefined) {
      this.hits++;
      this.touch(hash);
      return found;
    }
    const program = compile();
    this.compilations++;
    this.touch(hash).push(program);
    this.size++;
    this.bytes += program.memoryBytes;
    this.warnOfRecompilation(program);
    const { programs, bytes } = this.limits;
    while (this.size > 1 && (this.size > programs || this.bytes > bytes)) this.releaseOldest();
    return program;
  }

  /** Releases all programs. */
  clear(): void {
    while (this.size > 0) this.releaseOldest();
  }

  private touch(hash: number): Program[] {
    const bucket = this.programs.get(hash) ?? [];
    this.programs.delete(hash);
    this.programs.set(hash, bucket);
    return bucket;
  }

  private releaseOldest(): void {
    const [hash, bucket] = this.programs.entries().next().value!;
    const program = bucket.shift()!;
    program.dispose();
    this.size--;
    this.bytes -= program.memoryBytes;
    if (bucket.length === 0) this.programs.delete(hash);
  }

  private observe(compiled: boolean): void {
    this.recent.push(compiled);
    if (this.recent.length > window) this.recent.shift();
  }

  private warnOfRecompilation(program: Program): void {
    if (this.warned) return;
    const now = program.describe();
    const before = this.previous;
    this.previous = now;
    // A program may still be warming up its first window: only a full one counts.
    if (this.recent.length < window || this.recent.filter(Boolean).length < tooMany) return;
    this.warned = true;
    this.warn(
      `backend onnx: ${tooMany} of the last ${window} runs had to be compiled first, which is slow. ` +
        'Keep the shapes of a loop the same, or few (pad to buckets). The last two compiled programs were ' +
        `(inputs → outputs):\n  ${before}\n  ${now}`,
    );
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
