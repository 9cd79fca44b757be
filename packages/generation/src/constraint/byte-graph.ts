import { ConfigError } from '@polymodal/core';
import { utf8Of } from './code-points';
import type { Expression, Grammar } from './expression';

/** A place in a grammar: before a byte, before one of several places, before a rule that is followed by another place, or at a rule's end. */
type GraphNode =
  | { readonly kind: 'byte'; readonly from: number; readonly to: number; readonly next: number }
  | { readonly kind: 'split'; readonly nexts: readonly number[] }
  | { readonly kind: 'call'; readonly rule: string; readonly next: number }
  | { readonly kind: 'end' };

/** A grammar over bytes. */
export interface ByteGraph {
  readonly nodes: readonly GraphNode[];
  /** Where each rule begins. */
  readonly starts: ReadonlyMap<string, number>;
}

/** More than grammars that people write have; what repeats a thousand times a thousand times has more. */
const mostNodes = 200_000;

/** Up to so many places a repetition is written out, since rules that are called for each character cost more where texts are written. */
const mostInPlace = 20_000;

/**
 * @throws ConfigError for a grammar without `root`, with a rule that there is not, that begins with itself, or that never ends, and for one that
 *   is too large
 */
export function byteGraph(grammar: Grammar): ByteGraph {
  const nodes: GraphNode[] = [];
  const starts = new Map<string, number>();
  const loose = new Map<string, Expression>(); // what is repeated, as rules, so that a repetition costs a node
  for (const [name, expression] of grammar) starts.set(name, compile(expression, add({ kind: 'end' })));
  for (const [name, expression] of loose) starts.set(name, compile(expression, add({ kind: 'end' })));
  const graph = { nodes, starts };
  check(graph, grammar);
  return graph;

  function add(node: GraphNode): number {
    if (nodes.length >= mostNodes) {
      throw new ConfigError({
        where: 'generation.constraint',
        expected: `a grammar of at most ${mostNodes} places`,
        received: 'a larger one',
        hint: 'Lengths and numbers of repetitions multiply: lower them.',
      });
    }
    return nodes.push(node) - 1;
  }

  function compile(expression: Expression, next: number): number {
    switch (expression.kind) {
      case 'character':
        return split(expression.ranges.flatMap(utf8Of).map((bytes) => bytesBefore(bytes, next)));
      case 'sequence':
        return expression.parts.reduceRight((after, part) => compile(part, after), next);
      case 'choice':
        return split(expression.options.map((option) => compile(option, next)));
      case 'repeat':
        return repeated(expression, next);
      case 'rule':
        return add({ kind: 'call', rule: expression.name, next });
    }
  }

  function bytesBefore(bytes: readonly (readonly [number, number])[], next: number): number {
    return bytes.reduceRight((after, [from, to]) => add({ kind: 'byte', from, to, next: after }), next);
  }

  function split(nexts: readonly number[]): number {
    return nexts.length === 1 ? nexts[0] : add({ kind: 'split', nexts });
  }

  function repeated({ of, least, most }: Extract<Expression, { kind: 'repeat' }>, next: number): number {
    const times = least + (most === Number.POSITIVE_INFINITY ? 1 : most - least);
    const each = times * sizeOf(of) <= mostInPlace ? of : asRule(of);
    let place = next;
    if (most === Number.POSITIVE_INFINITY) {
      const again = add({ kind: 'split', nexts: [] });
      nodes[again] = { kind: 'split', nexts: [compile(each, again), next] };
      place = again;
    } else {
      for (let count = least; count < most; count++)
        place = add({ kind: 'split', nexts: [compile(each, place), next] });
    }
    for (let count = 0; count < least; count++) place = compile(each, place);
    return place;
  }

  function asRule(expression: Expression): Expression {
    if (expression.kind === 'rule') return expression;
    const name = `what is repeated ${loose.size}`;
    loose.set(name, expression);
    return { kind: 'rule', name };
  }
}

/** About how many places an expression takes. */
function sizeOf(expression: Expression): number {
  switch (expression.kind) {
    case 'character':
      return 2 * expression.ranges.length;
    case 'sequence':
      return expression.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'choice':
      return expression.options.reduce((sum, option) => sum + sizeOf(option), 1);
    case 'repeat':
      return (
        (expression.most === Number.POSITIVE_INFINITY ? expression.least + 1 : expression.most) * sizeOf(expression.of)
      );
    case 'rule':
      return 1;
  }
}

function check({ nodes, starts }: ByteGraph, grammar: Grammar): void {
  if (!grammar.has('root'))
    throw faulty('a rule "root", which the whole text is', [...grammar.keys()].join(', ') || 'none');
  for (const node of nodes) {
    if (node.kind === 'call' && !starts.has(node.rule))
      throw faulty('rules that there are', `"${node.rule}", which is none`);
  }
  const names = [...starts.keys()];
  const ending = fixedPoint(names, (name, known) => reaches(name, (rule) => known.has(rule), true));
  const endless = names.find((name) => grammar.has(name) && !ending.has(name));
  if (endless !== undefined) throw faulty('rules that end', `"${endless}", which never does`);
  const empty = fixedPoint(names, (name, known) => reaches(name, (rule) => known.has(rule), false));
  const first = new Map(names.map((name) => [name, beginningsOf(name, empty)]));
  const ground = fixedPoint(names, (name, known) => first.get(name)!.every((rule) => known.has(rule)));
  const circular = names.find((name) => !ground.has(name) && beginsWithItself(name, first));
  if (circular !== undefined)
    throw faulty('rules that begin with something else', `"${shown(circular)}", which begins with itself`);

  /** Whether a rule's end is reached through rules that do. @param consuming whether bytes may stand between */
  function reaches(name: string, passes: (rule: string) => boolean, consuming: boolean): boolean {
    const seen = new Set<number>();
    const open = [starts.get(name)!];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const node = nodes[place];
      if (node.kind === 'end') return true;
      if (node.kind === 'split') for (const next of node.nexts) open.push(next);
      else if (node.kind === 'byte' ? consuming : passes(node.rule)) open.push(node.next);
    }
    return false;
  }

  /** The rules that may stand at the beginning of one, by itself. */
  function beginningsOf(name: string, nullable: ReadonlySet<string>): readonly string[] {
    const found = new Set<string>();
    const seen = new Set<number>();
    const open = [starts.get(name)!];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const node = nodes[place];
      if (node.kind === 'split') for (const next of node.nexts) open.push(next);
      if (node.kind !== 'call') continue;
      found.add(node.rule);
      if (nullable.has(node.rule)) open.push(node.next);
    }
    return [...found];
  }
}

function beginsWithItself(name: string, first: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [...first.get(name)!];
  for (let rule = open.pop(); rule !== undefined; rule = open.pop()) {
    if (rule === name) return true;
    if (seen.has(rule)) continue;
    seen.add(rule);
    open.push(...first.get(rule)!);
  }
  return false;
}

function shown(name: string): string {
  return name.startsWith('what is repeated') ? 'a repetition' : name;
}

/** Those of which something holds as far as it holds of others, asked to and fro, since chains of rules run either way. */
function fixedPoint(
  names: readonly string[],
  holds: (name: string, known: ReadonlySet<string>) => boolean,
): Set<string> {
  const known = new Set<string>();
  const order = [...names];
  for (let size = -1; size < known.size; ) {
    size = known.size;
    for (const name of order.reverse()) if (!known.has(name) && holds(name, known)) known.add(name);
  }
  return known;
}

function faulty(expected: string, received: string): ConfigError {
  return new ConfigError({ where: 'generation.constraint', expected, received });
}
