import { Presets, SingleBar } from 'cli-progress';

/** How far a long job is. */
export interface Progress {
  /** One more of the things that were announced is done. */
  step(): void;
  stop(): void;
}

/** A bar on stderr with the time left; a line every few seconds where stderr is no terminal; nothing if not `visible`. */
export function startProgress(what: string, total: number, visible: boolean): Progress {
  if (!visible) return { step() {}, stop() {} };
  const bar = new SingleBar(
    {
      format: `${what} [{bar}] {percentage}% | {value}/{total} | {eta_formatted} left`,
      noTTYOutput: true,
      notTTYSchedule: 5000,
      hideCursor: false, // so that a killed process leaves the terminal as it was
    },
    Presets.rect,
  );
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
