import { ConfigError, type TokenCodec } from '@polymodal/core';
import type { AutomatonState, ByteAutomaton } from './byte-automaton';
import { addToken, noTokens, type TokenBits } from './token-bits';

/** The tokens of a vocabulary by their bytes, so that what begins alike is looked at once. */
export class TokenTrie {
  readonly vocabSize: number;
  readonly #bytesOf: readonly Uint8Array[];
  /** Of each node, in the order of a walk through all of them: its byte, how deep it lies, where the next lies that is not below it, its tokens. */
  readonly #bytes: Uint8Array;
  readonly #depths: Uint16Array;
  readonly #ends: Uint32Array;
  readonly #tokens: readonly (readonly number[] | undefined)[];

  /** @throws ConfigError for a codec that does not tell the bytes of its tokens */
  constructor(codec: Pick<TokenCodec, 'bytesOf' | 'vocabSize'>) {
    this.vocabSize = codec.vocabSize;
    this.#bytesOf = Array.from({ length: codec.vocabSize }, (_, id) => codec.bytesOf?.(id) ?? withoutBytes());
    const ids = this.#bytesOf.map((_, id) => id).filter((id) => this.#bytesOf[id].length > 0);
    ids.sort((a, b) => compared(this.#bytesOf[a], this.#bytesOf[b]));
    const nodes: { byte: number; depth: number; end: number; tokens: number[] | undefined }[] = [];
    const path: number[] = [];
    const close = (depth: number) => {
      while (path.length > depth) nodes[path.pop()!].end = nodes.length;
    };
    let before = new Uint8Array(0);
    for (const id of ids) {
      const bytes = this.#bytesOf[id];
      let shared = 0;
      while (shared < before.length && before[shared] === bytes[shared]) shared++;
      close(shared);
      for (let depth = shared; depth < bytes.length; depth++) {
        path.push(nodes.length);
        nodes.push({ byte: bytes[depth], depth, end: 0, tokens: undefined });
      }
      const last = nodes[path[path.length - 1]];
      last.tokens = [...(last.tokens ?? []), id];
      before = bytes as Uint8Array<ArrayBuffer>;
    }
    close(0);
    this.#bytes = Uint8Array.from(nodes, ({ byte }) => byte);
    this.#depths = Uint16Array.from(nodes, ({ depth }) => depth);
    this.#ends = Uint32Array.from(nodes, ({ end }) => end);
    this.#tokens = nodes.map(({ tokens }) => tokens);
  }

  /** The bytes of a token, none of a special one. */
  bytesOf(id: number): Uint8Array {
    return this.#bytesOf[id];
  }

  /** Whether a token may come in a state. */
  fits(automaton: ByteAutomaton, state: AutomatonState, id: number): boolean {
    let after: AutomatonState | null = state;
    for (const byte of this.#bytesOf[id]) {
      after = automaton.after(after, byte);
      if (!after) return false;
    }
    return true;
  }

  /** The tokens that may come at a place of a grammar, as far as they do not reach beyond the rule in which it stands. */
  tokensAt(automaton: ByteAutomaton, place: number): PlacedTokens {
    const within = noTokens(this.vocabSize);
    const beyond: number[] = [];
    const states: AutomatonState[] = [automaton.within(place)];
    let leftAt = Number.POSITIVE_INFINITY; // how deep the rule may have ended
    for (let node = 0; node < this.#bytes.length; ) {
      const depth = this.#depths[node];
      if (depth <= leftAt) leftAt = Number.POSITIVE_INFINITY;
      const isLost = depth > states.length - 1;
      states.length = Math.min(states.length, depth + 1);
      const after = isLost ? null : automaton.after(states[depth], this.#bytes[node]);
      if (!after && leftAt === Number.POSITIVE_INFINITY) {
        node = this.#ends[node];
        continue;
      }
      const tokens = this.#tokens[node];
      for (const id of tokens ?? []) {
        if (after) addToken(within, id);
        else beyond.push(id);
      }
      if (after) {
        states[depth + 1] = after;
        if (after.leaves) leftAt = Math.min(leftAt, depth);
      }
      node++;
    }
    return { within, beyond: Int32Array.from(beyond) };
  }
}

/** Tokens at a place of a grammar. */
export interface PlacedTokens {
  /** Those that may come whatever stands around the rule. */
  readonly within: TokenBits;
  /** Those of which that depends on it. */
  readonly beyond: Int32Array;
}

function compared(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let place = 0; place < length; place++) if (a[place] !== b[place]) return a[place] - b[place];
  return a.length - b.length;
}

function withoutBytes(): never {
  throw new ConfigError({
    where: 'generation.constraint',
    expected: 'a tokenizer whose tokens add the same bytes to a text whatever stands before them',
    received: 'one of which that is not known',
    hint: 'It is of byte-level BPE, and of SentencePiece with or without bytes in its vocabulary.',
  });
}
