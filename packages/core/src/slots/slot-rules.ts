import type { Encoders } from '../fusion';
import type { NamedTensor } from '../safetensors';

/**
 * What happened to a slot of a model that had learned.
 *
 * @typeParam Options of the fusion, parsed
 */
export interface SlotChange<Options = unknown> {
  readonly kind: 'added' | 'removed' | 'swapped';
  readonly slot: string;
  /** The encoders before and afterwards, in the order of the model. An added one is the last. */
  readonly before: Encoders;
  readonly after: Encoders;
  /** Of the fusion, as they were. */
  readonly options: Options;
}

/**
 * How fusions of one kind go on, with what they learned, where a slot of their model changes. A definition without rules is one whose
 * models keep their slots.
 *
 * @typeParam Options parsed ones
 * @typeParam Given those of a config
 */
export interface SlotRules<Options, Given> {
  /**
   * Options with which one more slot comes in so that at first no answer changes, also not of samples that have it. Left out by a fusion
   * that has none.
   *
   * @returns those that differ
   */
  admit?(options: Options, slot: string): Partial<Given>;

  /**
   * Options without a slot, with which samples that lacked it are answered as before.
   *
   * @param others the slots that stay
   * @returns those that differ
   * @throws ConfigError where such answers depend on the slot
   */
  release(options: Options, slot: string, others: readonly string[]): Partial<Given>;

  /** Looks at the encoders afterwards. @throws ConfigError where what the other slots give would not stay */
  check?(change: SlotChange<Options>): void;

  /**
   * The values of a parameter in which several slots meet, columns of which come or go, say. Others keep theirs; those that have the
   * slot in their path, and another shape, begin anew.
   *
   * @param path   within the fusion
   * @param shape  that it has now
   * @param former the values of the whole fusion before, by path
   */
  carry?(
    path: string,
    shape: readonly number[],
    former: ReadonlyMap<string, NamedTensor>,
    change: SlotChange<Options>,
  ): Float32Array | undefined;
}
