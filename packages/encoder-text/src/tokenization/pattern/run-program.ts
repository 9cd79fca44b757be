import type { Effort } from '../effort';
import type { Assertion, Instruction, Program } from './instruction';
import { isWordCharacter } from './property';

/** A text in which a pattern is looked for. */
export class Subject {
  /** Where the search began, for `\G`. */
  searchStart = 0;
  /** Where the attempt at a match began. */
  attempt = 0;
  /** Where the first attempt began that looked at the end of the text, so that more of it could have changed the outcome. */
  certainUpTo: number;
  /**
   * Where the last match begins, if it ended only because the text does, and everything before is certain: with more text it would be
   * longer, and never another one.
   */
  opensAt: number | undefined;
  /** What attempts left open: (instruction, position, least position of a run or −1) or (−1 − register, its value, −1). */
  readonly open: number[] = [];

  constructor(
    readonly text: string,
    readonly effort: Effort,
    /** What is looked for; others are parts of it. */
    readonly program: Program,
  ) {
    this.certainUpTo = text.length;
  }

  /** The code point at a position; −1 at the end. */
  at(position: number): number {
    if (position < this.text.length) return this.text.codePointAt(position)!;
    if (this.attempt < this.certainUpTo) this.certainUpTo = this.attempt;
    return -1;
  }

  before(position: number): number {
    if (position === 0) return -1;
    const unit = this.text.charCodeAt(position - 1);
    const isPair = unit >= 0xdc00 && unit < 0xe000 && position > 1;
    return isPair ? this.text.codePointAt(position - 2)! : unit;
  }
}

/**
 * Where a match that begins at `start` ends, or −1. It tries what comes first in the pattern first, and goes back through
 * what was left open; what is open lies on a stack, so that no text is too long for it.
 *
 * @param end where the match has to end, if anywhere
 * @throws SampleError if it takes too many steps
 */
export function runProgram(program: Program, subject: Subject, start: number, end = -1): number {
  const { instructions } = program;
  const registers = program.registers > 0 ? new Int32Array(program.registers).fill(-1) : noRegisters;
  const { open } = subject;
  const base = open.length;
  let next = 0;
  let position = start;
  let steps = 0;
  for (;;) {
    if (++steps > stepsAtOnce) {
      subject.effort.spend(steps);
      steps = 0;
    }
    const instruction = instructions[next];
    let isMatch = true;
    switch (instruction.kind) {
      case 'character':
      case 'set': {
        const point = subject.at(position);
        isMatch = point >= 0 && (instruction.kind === 'set' ? instruction.set.has(point) : instruction.point === point);
        position += point > 0xffff ? 2 : 1;
        next++;
        break;
      }
      case 'run': {
        const least = advance(instruction, subject, position, instruction.min);
        isMatch = least >= 0;
        if (!isMatch) break;
        const isCertain = program === subject.program && subject.certainUpTo === subject.text.length;
        const furthest = advance(instruction, subject, least, instruction.max - instruction.min, true);
        steps += furthest - position;
        next++;
        if (isCertain && subject.certainUpTo < subject.text.length && endsAnywhere(instructions, next))
          subject.opensAt = subject.attempt;
        if (!instruction.keeps && furthest > least) open.push(next, furthest, least);
        position = furthest;
        break;
      }
      case 'fork':
        if (cannotMatch(instructions[instruction.first], subject, position)) {
          next = instruction.second;
        } else {
          open.push(instruction.second, position, -1);
          next = instruction.first;
        }
        break;
      case 'jump':
        next = instruction.to;
        break;
      case 'assert':
        isMatch = holds(instruction.assertion, subject, position);
        next++;
        break;
      case 'atomic': {
        const after = runProgram(instruction.program, subject, position);
        isMatch = after >= 0;
        position = after;
        next++;
        break;
      }
      case 'ahead':
        isMatch = runProgram(instruction.program, subject, position) >= 0 !== instruction.negate;
        next++;
        break;
      case 'behind':
        isMatch = matchesBehind(instruction, subject, position) !== instruction.negate;
        next++;
        break;
      case 'mark':
        open.push(-1 - instruction.register, registers[instruction.register], -1);
        registers[instruction.register] = position;
        next++;
        break;
      case 'leaveIfEmpty':
        next = registers[instruction.register] === position ? instruction.to : next + 1;
        break;
      case 'done':
        if (end < 0 || position === end) {
          subject.effort.spend(steps);
          open.length = base;
          return position;
        }
        isMatch = false;
    }
    if (isMatch) continue;
    for (;;) {
      if (open.length === base) {
        subject.effort.spend(steps);
        return -1;
      }
      const least = open.pop()!;
      const value = open.pop()!;
      const target = open.pop()!;
      if (target < 0) {
        registers[-1 - target] = value;
        continue;
      }
      next = target;
      position = value;
      if (least >= 0) {
        position -= subject.before(position) > 0xffff ? 2 : 1;
        if (position > least) open.push(target, position, least);
      }
      break;
    }
  }
}

const stepsAtOnce = 4096;
const noRegisters = new Int32Array(0);

function cannotMatch(instruction: Instruction, subject: Subject, position: number): boolean {
  if (instruction.kind === 'character') return subject.at(position) !== instruction.point;
  if (instruction.kind !== 'set' && (instruction.kind !== 'run' || instruction.min === 0)) return false;
  const point = subject.at(position);
  return point < 0 || !instruction.set.has(point);
}

/** Whether what is left of a program matches before any text. */
function endsAnywhere(instructions: readonly Instruction[], index: number): boolean {
  const instruction = instructions[index];
  switch (instruction.kind) {
    case 'done':
      return true;
    case 'jump':
      return instruction.to > index && endsAnywhere(instructions, instruction.to);
    case 'run':
      return instruction.min === 0 && endsAnywhere(instructions, index + 1);
    default:
      return false;
  }
}

type Run = Extract<Instruction, { kind: 'run' }>;

/** The position after `count` characters of a set, or of as many as there are; −1 if there are fewer. */
function advance({ set }: Run, subject: Subject, start: number, count: number, takesFewer = false): number {
  let position = start;
  for (let taken = 0; taken < count; taken++) {
    const point = subject.at(position);
    if (point < 0 || !set.has(point)) return takesFewer ? position : -1;
    position += point > 0xffff ? 2 : 1;
  }
  return position;
}

function holds(assertion: Assertion, subject: Subject, position: number): boolean {
  const newline = 0xa;
  switch (assertion) {
    case 'string_start':
      return position === 0;
    case 'search_start':
      return position === subject.searchStart;
    case 'line_start':
      return position === 0 || (subject.before(position) === newline && subject.at(position) >= 0);
    case 'line_end': {
      const point = subject.at(position);
      return point < 0 || point === newline;
    }
    case 'string_end':
      return subject.at(position) < 0;
    case 'string_end_newline':
      return subject.at(position) < 0 || (subject.at(position) === newline && subject.at(position + 1) < 0);
    case 'word_boundary':
    case 'not_word_boundary': {
      const [before, after] = [subject.before(position), subject.at(position)];
      const isBoundary = (before >= 0 && isWordCharacter(before)) !== (after >= 0 && isWordCharacter(after));
      return isBoundary === (assertion === 'word_boundary');
    }
  }
}

type Behind = Extract<Instruction, { kind: 'behind' }>;

function matchesBehind({ program, min, max }: Behind, subject: Subject, end: number): boolean {
  let start = end;
  for (let length = 0; length <= max; length++) {
    if (length >= min && runProgram(program, subject, start, end) >= 0) return true;
    const point = subject.before(start);
    if (point < 0) return false;
    start -= point > 0xffff ? 2 : 1;
  }
  return false;
}
