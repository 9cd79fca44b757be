/** Some of the tokens of a vocabulary, a bit for each. */
export type TokenBits = Uint32Array;

/** None of so many tokens. */
export function noTokens(vocabSize: number): TokenBits {
  return new Uint32Array(Math.ceil(vocabSize / 32));
}

export function addToken(bits: TokenBits, id: number): void {
  bits[id >>> 5] |= 1 << (id & 31);
}

export function hasToken(bits: TokenBits, id: number): boolean {
  return ((bits[id >>> 5] >>> (id & 31)) & 1) === 1;
}

/** Adds all tokens of others. */
export function addTokens(bits: TokenBits, others: TokenBits): void {
  for (let word = 0; word < bits.length; word++) bits[word] |= others[word];
}

/** Writes a value in place of those of all tokens that are not among these. */
export function fillOthers(values: Float32Array, bits: TokenBits, value: number): void {
  for (let word = 0; word * 32 < values.length; word++) {
    const own = bits[word] ?? 0; // a model may have more tokens than its vocabulary
    if (own === 0xffffffff) continue;
    const end = Math.min((word + 1) * 32, values.length);
    if (own === 0) values.fill(value, word * 32, end);
    else for (let id = word * 32; id < end; id++) if (((own >>> (id & 31)) & 1) === 0) values[id] = value;
  }
}
