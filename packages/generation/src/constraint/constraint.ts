import type { TokenCodec } from '@polymodal/core';
import { EXCLUDED, type LogitsProcessor } from '../logits/logits-processor';
import { withoutCodec } from '../stop-strings';
import { type AutomatonState, ByteAutomaton } from './byte-automaton';
import { byteGraph } from './byte-graph';
import type { ConstraintOption } from './constraint-option';
import { grammarOf } from './grammar-of';
import { TokenTrie } from './token-trie';

/** Masks that are kept, each of a byte for every token. */
const mostMasks = 1000;

/**
 * What a text is constrained to. Which tokens may come is found for each state of the grammar once: a token costs what it takes to look that up,
 * and where the state is new, one walk through the vocabulary.
 */
export class Constraint {
  readonly #trie: TokenTrie;
  readonly #automaton: ByteAutomaton;
  readonly #masks = new Map<AutomatonState, Uint8Array>();

  constructor(option: ConstraintOption, trie: TokenTrie) {
    this.#trie = trie;
    this.#automaton = new ByteAutomaton(byteGraph(grammarOf(option)));
  }

  /** Where a text begins. */
  get start(): AutomatonState {
    return this.#automaton.start;
  }

  /** Where a text stands after one more token, which was allowed; one that adds nothing, as that which ends it, leaves it there. */
  after(state: AutomatonState, id: number): AutomatonState {
    return this.#trie.bytesOf(id).reduce((before, byte) => this.#automaton.after(before, byte) ?? before, state);
  }

  /** Excludes all tokens that may not come, and those that end a text as long as it is not complete. */
  processor(ends: readonly number[]): LogitsProcessor {
    return (logits, { place }) => {
      if (!place) return;
      const ending = place.accepts ? ends.map((id) => [id, logits[id]] as const) : [];
      const allowed = this.#allowed(place);
      for (let id = 0; id < logits.length; id++) if (allowed[id] !== 1) logits[id] = EXCLUDED;
      for (const id of ends) logits[id] = EXCLUDED;
      for (const [id, logit] of ending) logits[id] = logit;
    };
  }

  #allowed(state: AutomatonState): Uint8Array {
    const known = this.#masks.get(state);
    if (known) return known;
    if (this.#masks.size >= mostMasks) this.#masks.clear();
    const allowed = this.#trie.allowed(this.#automaton, state);
    this.#masks.set(state, allowed);
    return allowed;
  }
}

/** Of each codec the trie, and the constraints that were asked for last. */
const known = new WeakMap<object, { readonly trie: TokenTrie; readonly constraints: Map<string, Constraint> }>();
const mostConstraints = 16;

/** The constraint of an option over the tokens of a codec, kept for the next texts. @throws ConfigError without a codec, and for what cannot be kept */
export function constraintOf(
  option: ConstraintOption,
  codec: Pick<TokenCodec, 'bytesOf' | 'vocabSize'> | undefined,
): Constraint {
  if (!codec) throw withoutCodec('constraint');
  const own = known.get(codec) ?? { trie: new TokenTrie(codec), constraints: new Map() };
  known.set(codec, own);
  const key = JSON.stringify(option);
  const constraint = own.constraints.get(key) ?? new Constraint(option, own.trie);
  own.constraints.delete(key);
  own.constraints.set(key, constraint);
  if (own.constraints.size > mostConstraints) own.constraints.delete(own.constraints.keys().next().value!);
  return constraint;
}
