import { ConfigError, type TokenCodec } from '@polymodal/core';
import type { AutomatonState, ByteAutomaton } from './byte-automaton';

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

  /** 1 for each token that may come in a state. */
  allowed(automaton: ByteAutomaton, state: AutomatonState): Uint8Array {
    const allowed = new Uint8Array(this.vocabSize);
    const states: AutomatonState[] = [state];
    for (let node = 0; node < this.#bytes.length; ) {
      const depth = this.#depths[node];
      const after = automaton.after(states[depth], this.#bytes[node]);
      if (!after) {
        node = this.#ends[node];
        continue;
      }
      states[depth + 1] = after;
      for (const id of this.#tokens[node] ?? []) allowed[id] = 1;
      node++;
    }
    return allowed;
  }
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
