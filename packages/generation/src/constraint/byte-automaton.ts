import { StateError } from '@polymodal/core';
import type { ByteGraph } from './byte-graph';

/** Where a text may stand in a grammar: every place that its bytes lead to. */
export interface AutomatonState {
  /** Whether the text may end here. */
  readonly accepts: boolean;
  /** Whether anything may follow. */
  readonly goesOn: boolean;
  /** Of a state {@link ByteAutomaton.within} a rule: whether the rule may end here, and so what may follow is not known. */
  readonly leaves: boolean;
  readonly places: readonly Place[];
  /** By byte, as far as it was asked for; null where it may not come. */
  readonly next: (AutomatonState | null | undefined)[];
}

/** Before a byte of the grammar, within the rules that it is to go on with afterwards. */
interface Place {
  readonly id: number;
  readonly node: number;
  readonly within: Place | undefined;
}

/** States that are kept: those of strings and numbers come again and again, those of deep nesting do not. */
const mostStates = 20_000;
/** Of a grammar in which one text can be read in ever more ways. */
const mostPlaces = 10_000;

/** A pushdown automaton that is made deterministic as texts come to its states. */
export class ByteAutomaton {
  readonly #graph: ByteGraph;
  readonly #places = new Map<string, Place>();
  readonly #states = new Map<string, AutomatonState>();
  /** What follows a rule of which it is not known. */
  readonly #unknown: Place = { id: -1, node: -1, within: undefined };
  #count = 0;
  readonly start: AutomatonState;

  constructor(graph: ByteGraph) {
    this.#graph = graph;
    this.start = this.#closed([[graph.starts.get('root')!, undefined]]);
  }

  /** The state at a place of the grammar, whatever follows the rule in which it stands. */
  within(node: number): AutomatonState {
    return this.#closed([[node, this.#unknown]]);
  }

  /** The state after one more byte; null if it may not come. */
  after(state: AutomatonState, byte: number): AutomatonState | null {
    const known = state.next[byte];
    if (known !== undefined) return known;
    const { nodes } = this.#graph;
    const found: [number, Place | undefined][] = [];
    for (const { node: place, within } of state.places) {
      const node = nodes[place];
      if (node.kind === 'byte' && node.from <= byte && byte <= node.to) found.push([node.next, within]);
    }
    const after = found.length > 0 ? this.#closed(found) : null;
    state.next[byte] = after;
    return after;
  }

  /** All places before a byte that some places lead to. */
  #closed(from: readonly (readonly [number, Place | undefined])[]): AutomatonState {
    const { nodes, starts } = this.#graph;
    const seen = new Set<number>();
    const places: Place[] = [];
    let accepts = false;
    let leaves = false;
    const open = [...from];
    for (let next = open.pop(); next; next = open.pop()) {
      const [node, within] = next;
      const here = nodes[node];
      if (here.kind === 'end') {
        if (within === this.#unknown) leaves = true;
        else if (within) open.push([within.node, within.within]);
        else accepts = true;
        continue;
      }
      const place = this.#place(node, within);
      if (seen.has(place.id)) continue;
      seen.add(place.id);
      if (seen.size > mostPlaces) throw tooAmbiguous();
      if (here.kind === 'byte') places.push(place);
      else if (here.kind === 'split') for (const each of here.nexts) open.push([each, within]);
      else {
        const isLast = nodes[here.next].kind === 'end'; // what calls itself at its end nests no deeper
        open.push([starts.get(here.rule)!, isLast ? within : this.#place(here.next, within)]);
      }
    }
    return this.#state(places, accepts, leaves);
  }

  #place(node: number, within: Place | undefined): Place {
    const key = `${node} ${within?.id ?? ''}`;
    const known = this.#places.get(key);
    if (known) return known;
    const place = { id: this.#count++, node, within };
    this.#places.set(key, place);
    return place;
  }

  #state(places: readonly Place[], accepts: boolean, leaves: boolean): AutomatonState {
    const ids = places.map(({ id }) => id).sort((a, b) => a - b);
    const key = `${accepts} ${leaves} ${ids.join(' ')}`;
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#states.size >= mostStates) {
      this.#states.clear();
      this.#places.clear();
    }
    const state = { accepts, leaves, goesOn: places.length > 0, places, next: [] };
    this.#states.set(key, state);
    return state;
  }
}

function tooAmbiguous(): StateError {
  return new StateError({
    where: 'generation.constraint',
    expected: `a grammar that reads a text in at most ${mostPlaces} ways`,
    received: 'one that reads what was written in more',
    hint: 'Repetitions of what may be empty, or of what overlaps, multiply: write them as one.',
  });
}
