import {
  defineTarget,
  type Features,
  type HostTensor1D,
  hostTensor,
  type Processor,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import { textProcessor } from '@polymodal/encoder-text';
import { z } from 'zod';
import { WrittenTarget, type WrittenTargetConfig, writtenOptions } from './written-target';

const tokenId = z.int().min(0);

const options = z.object({
  /** In whose tokens it is written: `'bytes'` for UTF-8 bytes, or a Hugging Face tokenizer.json, of which a saved model keeps a copy. */
  tokenizer: textProcessor.config.shape.tokenizer,
  /** In place of a tokenizer of its own, the slot in whose tokens it is written. */
  of: z.string().min(1).optional(),
  ...writtenOptions,
  /** The token that the decoder begins with, which is not learned; by default the one that ends what is written. */
  startTokenId: tokenId.optional(),
  /** Tokens behind it with which all that is written begins: they are learned, and given where the model writes. */
  prefixIds: z.array(tokenId).readonly().default([]),
});

/** What a decoder with tokens of its own is to write. */
export const decodedTarget = defineTarget({
  config: options,
  create: ({ of, tokenizer, startTokenId, prefixIds, ...config }, { processors, slot, savedFile }) => {
    const start = { startTokenId, prefixIds };
    if (of === undefined) {
      const own = textProcessor.create(textProcessor.config.parse({ tokenizer }), { slot, savedFile });
      return new DecodedTarget(slot, own, { ...config, ...start }, () => own.files());
    }
    if (Object.hasOwn(processors, of)) return new DecodedTarget(of, processors[of], { ...config, ...start });
    throw new UnknownNameError({
      where: 'of',
      expected: 'the name of an encoder slot',
      received: `"${of}"`,
      hint: suggestNames(of, Object.keys(processors)),
    });
  },
});

/** How what a decoder writes begins. */
export interface DecoderStart {
  readonly startTokenId?: number | undefined;
  readonly prefixIds: readonly number[];
}

/** As `WrittenTarget`, with the tokens that all that is written begins with in `ids`. */
export class DecodedTarget extends WrittenTarget {
  readonly prefixIds: readonly number[];
  readonly #startTokenId: number | undefined;
  readonly #files: () => Readonly<Record<string, Uint8Array>>;

  /**
   * @param files of a tokenizer that is no slot's
   */
  constructor(
    slot: string,
    processor: Pick<Processor, 'codec'>,
    { startTokenId, prefixIds, ...config }: Omit<WrittenTargetConfig, 'learns'> & DecoderStart,
    files: DecodedTarget['files'] = () => ({}),
  ) {
    super(slot, processor, { ...config, learns: 'target', maxLength: config.maxLength - prefixIds.length });
    this.prefixIds = prefixIds;
    this.#startTokenId = startTokenId;
    this.#files = files;
  }

  /** What the decoder begins with. */
  get startTokenId(): number {
    return this.#startTokenId ?? this.requireEnd();
  }

  /** Most tokens that are learned of a text, with the first ones and its end. */
  get maxLength(): number {
    return this.config.maxLength + this.prefixIds.length;
  }

  override process(raw: unknown): Features {
    const { ids } = super.process(raw) as { ids: HostTensor1D };
    if (this.prefixIds.length === 0) return { ids };
    const data = (ids.data.constructor as Uint16ArrayConstructor).from([...this.prefixIds, ...ids.data]);
    return { ids: hostTensor(data, [data.length]) };
  }

  files(): Readonly<Record<string, Uint8Array>> {
    return this.#files();
  }
}
