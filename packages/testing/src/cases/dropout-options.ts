import type { ModuleCase } from './module-case';

/**
 * The options of a part that act in training only: those with "drop" in their name, and those that the case names. What an
 * encoder's processor makes of its own options is not looked at here.
 */
export function dropoutOptions(subject: ModuleCase): string[] {
  return subject.ownOptions.filter((key) => /drop/i.test(key) || subject.trainingOnly.includes(key));
}

/** One rate for all of them, as a change to the config. */
export function dropoutAt(subject: ModuleCase, rate: number): Readonly<Record<string, number>> {
  return Object.fromEntries(dropoutOptions(subject).map((option) => [option, rate]));
}
