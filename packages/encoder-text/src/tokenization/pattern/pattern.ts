import { FileFormatError } from '@polymodal/core';
import type { Range } from '../aligned-text';
import type { Effort } from '../effort';
import { compilePattern } from './compile-pattern';
import type { Instruction, Program } from './instruction';
import { runProgram, Subject } from './run-program';
import { UnsupportedPattern } from './unsupported-pattern';

/** Matches of a pattern in a text, from left to right, and how far they are certain. */
export interface Found {
  readonly matches: readonly Range[];
  /** Where the first one begins that more text could have changed; the end of the text, if there is none. */
  readonly certainUpTo: number;
  /** Where the last match begins, if it is certain that it goes on up to the end at least. */
  readonly opensAt?: number | undefined;
}

/** What a tokenizer.json looks for in texts. */
export interface Pattern {
  findAll(text: string, effort: Effort): Found;
}

/** A text that is looked for as it stands. */
export class LiteralPattern implements Pattern {
  constructor(readonly content: string) {}

  findAll(text: string): Found {
    const matches: Range[] = [];
    const { length } = this.content;
    for (let start = text.indexOf(this.content); start >= 0; start = text.indexOf(this.content, start + length)) {
      matches.push({ start, end: start + length });
    }
    return { matches, certainUpTo: Math.max(matches.at(-1)?.end ?? 0, text.length - length + 1) };
  }
}

/** A regular expression of Oniguruma. */
export class RegularExpression implements Pattern {
  readonly #program: Program;
  readonly #mayBeginWith: ((point: number) => boolean) | undefined;

  /** @throws FileFormatError for what is none, or asks for something that is not done here */
  constructor(pattern: string, where: string) {
    try {
      this.#program = compilePattern(pattern);
    } catch (cause) {
      const reason =
        cause instanceof UnsupportedPattern ? `it has ${cause.message}` : cause instanceof Error ? cause.message : '';
      throw new FileFormatError({
        where,
        expected: 'a regular expression of Oniguruma',
        received: `${JSON.stringify(pattern).slice(0, 200)}, which cannot be used (${reason})`,
        cause,
      });
    }
    this.#mayBeginWith = firstOf(this.#program.instructions, 0);
  }

  /** As `find_iter` of Python's tokenizers: an empty match right after another one is passed over. */
  findAll(text: string, effort: Effort): Found {
    const matches: Range[] = [];
    let lastEnd = -1;
    const subject = new Subject(text, effort, this.#program);
    for (let start = 0; start <= text.length; ) {
      const match = this.#search(subject, start);
      if (!match) break;
      if (match.start === match.end && match.end === lastEnd) {
        start = match.end + ((text.codePointAt(match.end) ?? 0) > 0xffff ? 2 : 1);
        continue;
      }
      matches.push(match);
      start = match.end;
      lastEnd = match.end;
    }
    return { matches, certainUpTo: subject.certainUpTo, opensAt: subject.opensAt };
  }

  #search(subject: Subject, from: number): Range | undefined {
    const { text } = subject;
    subject.searchStart = from;
    for (let start = from; start <= text.length; ) {
      const point = start < text.length ? text.codePointAt(start)! : -1;
      if (point < 0 || !this.#mayBeginWith || this.#mayBeginWith(point)) {
        subject.attempt = start;
        const end = runProgram(this.#program, subject, start);
        if (end >= 0) return { start, end };
      }
      start += point > 0xffff ? 2 : 1;
    }
    subject.effort.spend(text.length - from);
    return undefined;
  }
}

/** What a match has to begin with; undefined where anything may come first, or nothing. */
function firstOf(instructions: readonly Instruction[], index: number): ((point: number) => boolean) | undefined {
  const instruction = instructions[index];
  switch (instruction.kind) {
    case 'character':
      return (point) => point === instruction.point;
    case 'set':
      return (point) => instruction.set.has(point);
    case 'run':
      return instruction.min > 0 ? (point) => instruction.set.has(point) : undefined;
    case 'fork': {
      if (instruction.first <= index || instruction.second <= index) return undefined;
      const first = firstOf(instructions, instruction.first);
      const second = firstOf(instructions, instruction.second);
      return first && second && ((point) => first(point) || second(point));
    }
    default:
      return undefined;
  }
}
