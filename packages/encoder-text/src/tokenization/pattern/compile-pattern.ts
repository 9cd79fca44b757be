import { toOnigurumaAst } from 'oniguruma-parser';
import type {
  AlternativeElementNode,
  AlternativeNode,
  CharacterClassElementNode,
  QuantifierNode,
} from 'oniguruma-parser/parser';
import { CharacterMatcher } from './character-matcher';
import { changedFlags, type Flags } from './flags';
import { caseVariants, hasLongVariant } from './fold-case';
import type { Assertion, Instruction, Program } from './instruction';
import { lookBehindLength } from './look-behind-length';
import { takenBy } from './taken-characters';
import { UnsupportedPattern, unsupportedNames } from './unsupported-pattern';

/**
 * A pattern of Oniguruma, the regular expressions of Python's tokenizers, as a program.
 *
 * @throws UnsupportedPattern naming what is not done here
 * @throws Error for what is no pattern
 */
export function compilePattern(pattern: string): Program {
  const { body } = toOnigurumaAst(pattern);
  return programOf(body, { ignoreCase: false, dotAll: false });
}

/** Enough for every published tokenizer, and little enough to be compiled at once. */
const maxInstructions = 20_000;

function programOf(alternatives: readonly AlternativeNode[], flags: Flags): Program {
  const compiler = new Compiler();
  compiler.alternatives(alternatives, flags);
  compiler.add({ kind: 'done' });
  return { instructions: compiler.instructions, registers: compiler.registers };
}

class Compiler {
  readonly instructions: Instruction[] = [];
  registers = 0;

  add(instruction: Instruction): number {
    if (this.instructions.length >= maxInstructions) {
      throw new UnsupportedPattern(`a repetition that takes more than ${maxInstructions} steps to write out`);
    }
    return this.instructions.push(instruction) - 1;
  }

  alternatives(alternatives: readonly AlternativeNode[], given: Flags): void {
    let flags = given;
    const jumps: number[] = [];
    for (const [index, { body }] of alternatives.entries()) {
      const isLast = index === alternatives.length - 1;
      const fork = isLast ? -1 : this.add({ kind: 'fork', first: this.instructions.length + 1, second: -1 });
      flags = this.#sequence(body, flags, index === 0, alternatives.length > 1);
      if (isLast) break;
      jumps.push(this.add({ kind: 'jump', to: -1 }));
      this.instructions[fork] = { kind: 'fork', first: fork + 1, second: this.instructions.length };
    }
    for (const jump of jumps) this.instructions[jump] = { kind: 'jump', to: this.instructions.length };
  }

  /** @returns the flags of what follows: a directive counts up to the end of its group, over its alternatives */
  #sequence(nodes: readonly AlternativeElementNode[], given: Flags, isFirst: boolean, hasOthers: boolean): Flags {
    let flags = given;
    let letters = '';
    for (const [index, node] of nodes.entries()) {
      if (node.type === 'Directive') {
        if (node.kind === 'keep') throw new UnsupportedPattern('\\K');
        if (hasOthers && !(isFirst && index === 0)) throw new UnsupportedPattern('flags in the middle of alternatives');
        flags = changedFlags(flags, node.flags);
        continue;
      }
      letters = node.type === 'Character' ? letters + String.fromCodePoint(node.value) : '';
      if (flags.ignoreCase && letters !== '' && hasLongVariant(letters)) {
        throw new UnsupportedPattern(
          `${JSON.stringify(letters)} without regard to case, which one letter may stand for`,
        );
      }
      this.#node(node, flags);
    }
    return flags;
  }

  #node(node: AlternativeElementNode, flags: Flags): void {
    switch (node.type) {
      case 'Character':
      case 'CharacterClass':
        this.#character(node, flags);
        return;
      case 'CharacterSet':
        if (node.kind === 'newline' && !node.negate) this.#newline();
        else this.#character(node, flags);
        return;
      case 'Assertion':
        this.add({ kind: 'assert', assertion: assertionOf(node.kind, node.negate ?? false) });
        return;
      case 'CapturingGroup':
        if (node.isSubroutined) throw new UnsupportedPattern('\\g<…>');
        this.alternatives(node.body, flags);
        return;
      case 'Group': {
        const inner = node.flags ? changedFlags(flags, node.flags) : flags;
        if (node.atomic) this.add({ kind: 'atomic', program: programOf(node.body, inner) });
        else this.alternatives(node.body, inner);
        return;
      }
      case 'LookaroundAssertion': {
        const { negate } = node;
        const program = programOf(node.body, flags);
        if (node.kind === 'lookahead') this.add({ kind: 'ahead', program, negate });
        else this.add({ kind: 'behind', program, negate, ...lookBehindLength(node.body) });
        return;
      }
      case 'Quantifier':
        this.#quantifier(node, flags);
        return;
      default:
        throw new UnsupportedPattern(unsupportedNames[node.type] ?? node.type);
    }
  }

  #character(node: CharacterClassElementNode, flags: Flags): void {
    if (node.type === 'Character' && (!flags.ignoreCase || caseVariants(node.value).length === 1)) {
      this.add({ kind: 'character', point: node.value });
    } else {
      this.add({ kind: 'set', set: new CharacterMatcher(takenBy(node, flags)) });
    }
  }

  /** `\R`: a pair of carriage return and line feed stays together. */
  #newline(): void {
    const isBreak = (point: number) =>
      (point >= 0xa && point <= 0xd) || point === 0x85 || point === 0x2028 || point === 0x2029;
    const pair: Instruction[] = [
      { kind: 'character', point: 0xd },
      { kind: 'character', point: 0xa },
      { kind: 'jump', to: 5 },
    ];
    const instructions: Instruction[] = [
      { kind: 'fork', first: 1, second: 4 },
      ...pair,
      { kind: 'set', set: new CharacterMatcher(isBreak) },
      { kind: 'done' },
    ];
    this.add({ kind: 'atomic', program: { instructions, registers: 0 } });
  }

  #quantifier({ kind, min, max, body }: QuantifierNode, flags: Flags): void {
    const isSet =
      body.type === 'Character' ||
      body.type === 'CharacterClass' ||
      (body.type === 'CharacterSet' && !body.variableLength);
    if (isSet && kind !== 'lazy') {
      const set = new CharacterMatcher(takenBy(body, flags));
      this.add({ kind: 'run', set, min, max, keeps: kind === 'possessive' });
      return;
    }
    if (kind === 'possessive') {
      const inner = new Compiler();
      inner.#repeat(body, min, max, false, flags);
      inner.add({ kind: 'done' });
      this.add({ kind: 'atomic', program: { instructions: inner.instructions, registers: inner.registers } });
      return;
    }
    this.#repeat(body, min, max, kind === 'lazy', flags);
  }

  #repeat(body: QuantifierNode['body'], min: number, max: number, isLazy: boolean, flags: Flags): void {
    for (let count = 0; count < min; count++) this.#node(body, flags);
    if (max === Number.POSITIVE_INFINITY) {
      const register = this.registers++;
      const fork = this.add({ kind: 'jump', to: -1 });
      this.add({ kind: 'mark', register });
      this.#node(body, flags);
      const check = this.add({ kind: 'jump', to: -1 });
      this.add({ kind: 'jump', to: fork });
      const after = this.instructions.length;
      this.instructions[fork] = forkTo(fork + 1, after, isLazy);
      this.instructions[check] = { kind: 'leaveIfEmpty', register, to: after };
      return;
    }
    const forks: number[] = [];
    for (let count = min; count < max; count++) {
      forks.push(this.add({ kind: 'jump', to: -1 }));
      this.#node(body, flags);
    }
    for (const fork of forks) this.instructions[fork] = forkTo(fork + 1, this.instructions.length, isLazy);
  }
}

function forkTo(inside: number, after: number, isLazy: boolean): Instruction {
  return isLazy ? { kind: 'fork', first: after, second: inside } : { kind: 'fork', first: inside, second: after };
}

function assertionOf(kind: string, negate: boolean): Assertion {
  if (kind === 'text_segment_boundary') throw new UnsupportedPattern('\\y');
  return (kind === 'word_boundary' && negate ? 'not_word_boundary' : kind) as Assertion;
}
