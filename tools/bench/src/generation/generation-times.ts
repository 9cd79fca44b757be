import { median } from '../median';
import type { GenerationFigures } from './workload';

/** Times of runs that write tokens, by the clock and of the processors. */
export class GenerationTimes {
  readonly #rates: number[] = [];
  readonly #firsts: number[] = [];
  readonly #cpuRates: number[] = [];
  readonly #cpuFirsts: number[] = [];
  #start = now();
  #first: ReturnType<typeof now> | undefined;

  begin(): void {
    this.#start = now();
    this.#first = undefined;
  }

  /** One more token of each row is there. */
  turn(): void {
    this.#first ??= now();
  }

  /** @param tokens of all rows that came after the first turn */
  end(tokens: number): void {
    const [start, first, end] = [this.#start, this.#first!, now()];
    this.#rates.push(tokens / (end.clock - first.clock));
    this.#firsts.push(first.clock - start.clock);
    this.#cpuRates.push(tokens / (end.cpu - first.cpu));
    this.#cpuFirsts.push(first.cpu - start.cpu);
  }

  /** Medians of the runs. */
  get figures(): Omit<GenerationFigures, 'peakRssBytes' | 'ids'> {
    return {
      tokensPerSecond: median(this.#rates),
      firstTokenSeconds: median(this.#firsts),
      tokensPerCpuSecond: median(this.#cpuRates),
      firstTokenCpuSeconds: median(this.#cpuFirsts),
    };
  }
}

/** In seconds. */
function now() {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now() / 1000, cpu: (user + system) / 1e6 };
}
