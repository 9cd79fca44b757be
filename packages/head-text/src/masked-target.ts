import {
  ConfigError,
  defineTarget,
  describeValue,
  type Features,
  type Processor,
  SampleError,
  suggestNames,
  type TokenCodec,
  UnknownNameError,
} from '@polymodal/core';
import { z } from 'zod';
import { onlyWritten } from './written-target';

/** Knows in what tokens the slot is written of which some are hidden. Samples have no such target: it is the text itself. */
class MaskedTarget implements Processor {
  readonly #processor: Processor;

  constructor(
    readonly slot: string,
    processor: Processor,
  ) {
    this.#processor = processor;
  }

  /** Undefined for a slot whose values are written in no tokens that are known. */
  get codec(): TokenCodec | undefined {
    return this.#processor.codec;
  }

  /** @throws SampleError, always */
  process(raw: unknown): Features {
    throw new SampleError({
      expected: 'no target, since what is hidden of the text is what is learned',
      received: describeValue(raw),
      hint: 'Leave it out.',
    });
  }

  collate(): Features {
    return {};
  }

  shape() {
    return {};
  }
}

/** Of the head `masked-language-model`. */
export const maskedTarget = defineTarget({
  config: z.object({
    /** The slot whose tokens are hidden; by default the one whose values are texts. */
    of: z.string().min(1).optional(),
  }),
  create: ({ of }, { processors }) => {
    const slot = of ?? onlyWritten(processors);
    if (Object.hasOwn(processors, slot)) {
      if (processors[slot].codec) return new MaskedTarget(slot, processors[slot]);
      throw new ConfigError({
        where: 'of',
        expected: 'a slot of texts, one each, whose tokenizer is known',
        received: `"${slot}"`,
        hint: 'A pretrained model needs the tokenizer.json that belongs to it beside its weights.',
      });
    }
    throw new UnknownNameError({
      where: 'of',
      expected: 'the name of an encoder slot',
      received: `"${slot}"`,
      hint: suggestNames(slot, Object.keys(processors)),
    });
  },
});
