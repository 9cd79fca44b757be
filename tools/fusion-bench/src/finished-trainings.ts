import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Training } from './job';

/** A line of JSON for each finished training: what a start that was interrupted goes on from. */
export class FinishedTrainings {
  readonly #path: string;
  readonly #all: Training[];

  private constructor(path: string, all: Training[]) {
    this.#path = path;
    this.#all = all;
  }

  /** What is there. A line that was cut off while it was written counts as not there. */
  static async open(path: string): Promise<FinishedTrainings> {
    const text = await readFile(path, 'utf8').catch(() => '');
    return new FinishedTrainings(path, text.split('\n').flatMap(parseLine));
  }

  get all(): readonly Training[] {
    return this.#all;
  }

  add(training: Training): void {
    appendFileSync(this.#path, `\n${JSON.stringify(training)}\n`); // behind a line that was cut off, a new one begins
    this.#all.push(training);
  }
}

function parseLine(line: string): Training[] {
  try {
    return line === '' ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}
