import { createRegistry } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';

/** The parts that the example's models use. */
export const registry = createRegistry([vision, audio, text, fusion, heads]);
