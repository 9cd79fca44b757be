import type { TokenCodec } from '@polymodal/core';
import { EXCLUDED, type LogitsProcessor } from '../logits/logits-processor';
import { withoutCodec } from '../stop-strings';
import { type AutomatonState, ByteAutomaton } from './byte-automaton';
import { type ByteGraph, byteGraph } from './byte-graph';
import type { ConstraintOption } from './constraint-option';
import { FoundTokens } from './found-tokens';
import { grammarOf } from './grammar-of';
import { requireJson } from './require-json';
import { addToken, addTokens, fillOthers, hasToken, noTokens, type TokenBits } from './token-bits';
import { type PlacedTokens, TokenTrie } from './token-trie';

/** Of all constraints together. */
const found = new FoundTokens(64 * 2 ** 20);

/**
 * What a text is constrained to. Which tokens may come at a place of the grammar is found once, by a walk through the vocabulary, but for those that
 * reach beyond the rule in which it stands: these few are tried in each state that is new (the split of Dong et al. 2024, "XGrammar"). In a state that
 * was there, what may come is looked up.
 */
export class Constraint {
  readonly #trie: TokenTrie;
  readonly #automaton: ByteAutomaton;
  readonly #graph: ByteGraph;

  constructor(option: ConstraintOption, trie: TokenTrie) {
    this.#trie = trie;
    this.#graph = byteGraph(grammarOf(option));
    this.#automaton = new ByteAutomaton(this.#graph);
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
      fillOthers(logits, this.#allowed(place), EXCLUDED);
      for (const id of ends) logits[id] = EXCLUDED;
      for (const [id, logit] of ending) logits[id] = logit;
    };
  }

  #allowed(state: AutomatonState): TokenBits {
    return found.of(
      state,
      () => {
        const allowed = noTokens(this.#trie.vocabSize);
        const placed = [...new Set(state.places.map(({ node }) => node))].map((node) => this.#tokensAt(node));
        for (const { within } of placed) addTokens(allowed, within);
        for (const { beyond } of placed) {
          for (const id of beyond) {
            if (!hasToken(allowed, id) && this.#trie.fits(this.#automaton, state, id)) addToken(allowed, id);
          }
        }
        return allowed;
      },
      ({ byteLength }) => byteLength,
    );
  }

  #tokensAt(place: number): PlacedTokens {
    return found.of(
      this.#graph.nodes[place],
      () => this.#trie.tokensAt(this.#automaton, place),
      ({ within, beyond }) => within.byteLength + beyond.byteLength,
    );
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
  if ('schema' in option) requireJson(option.schema, 'generation.constraint.schema #');
  const own = known.get(codec) ?? { trie: new TokenTrie(codec), constraints: new Map() };
  known.set(codec, own);
  const key = JSON.stringify(option);
  const constraint = own.constraints.get(key) ?? new Constraint(option, own.trie);
  own.constraints.delete(key);
  own.constraints.set(key, constraint);
  if (own.constraints.size > mostConstraints) own.constraints.delete(own.constraints.keys().next().value!);
  return constraint;
}
