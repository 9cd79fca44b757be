/** Which tokens a text begins with, at any place. The children of all nodes lie in one table of hashes. */
export class Trie {
  #keys = new Float64Array(1 << 12);
  #children = new Int32Array(1 << 12);
  #values = new Int32Array(1 << 11).fill(-1);
  #nodes = 1;

  add(token: string, value: number): void {
    let node = 0;
    for (let i = 0; i < token.length; i++)
      node = this.child(node, token.charCodeAt(i)) || this.#grow(node, token.charCodeAt(i));
    this.#values[node] = value;
  }

  /** The node after another, 0 for none. The root is 0. */
  child(node: number, unit: number): number {
    const key = node * 0x10000 + unit + 1;
    for (let slot = this.#slotOf(node, unit); ; slot = (slot + 1) & (this.#keys.length - 1)) {
      if (this.#keys[slot] === key) return this.#children[slot];
      if (this.#keys[slot] === 0) return 0;
    }
  }

  /** What was added with the token that ends at a node, or −1. */
  value(node: number): number {
    return this.#values[node];
  }

  #slotOf(node: number, unit: number): number {
    return (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> this.#shift;
  }

  get #shift(): number {
    return Math.clz32(this.#keys.length - 1);
  }

  #grow(node: number, unit: number): number {
    if (this.#nodes * 2 > this.#keys.length) this.#enlarge();
    this.#put(node * 0x10000 + unit + 1, this.#nodes);
    return this.#nodes++;
  }

  #put(key: number, child: number): void {
    const node = Math.floor((key - 1) / 0x10000);
    let slot = this.#slotOf(node, key - 1 - node * 0x10000);
    while (this.#keys[slot] !== 0) slot = (slot + 1) & (this.#keys.length - 1);
    this.#keys[slot] = key;
    this.#children[slot] = child;
  }

  #enlarge(): void {
    const [keys, children, values] = [this.#keys, this.#children, this.#values];
    this.#keys = new Float64Array(2 * keys.length);
    this.#children = new Int32Array(2 * keys.length);
    this.#values = new Int32Array(2 * values.length).fill(-1);
    this.#values.set(values);
    for (let slot = 0; slot < keys.length; slot++) if (keys[slot] > 0) this.#put(keys[slot], children[slot]);
  }
}
