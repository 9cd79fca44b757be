import { adapters } from '@polymodal/adapters';
import { captionHeads } from '@polymodal/architectures/captions';
import { encoderDecoderHeads } from '@polymodal/architectures/encoder-decoders';
import { speechHeads } from '@polymodal/architectures/speech';
import type { Plugin } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { audioAugmentations } from '@polymodal/encoder-audio/augment';
import { pretrainedAudio } from '@polymodal/encoder-audio/pretrained';
import { tabular } from '@polymodal/encoder-tabular';
import { text } from '@polymodal/encoder-text';
import { textAugmentations } from '@polymodal/encoder-text/augment';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { textSynonyms } from '@polymodal/encoder-text/synonyms';
import { vision } from '@polymodal/encoder-vision';
import { visionAugmentations } from '@polymodal/encoder-vision/augment';
import { pretrainedImage } from '@polymodal/encoder-vision/pretrained';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { heads } from '@polymodal/heads';

/** All parts of the workspace: what `discoverPlugins` finds where the packages are installed. */
export const workspacePlugins: readonly Plugin[] = [
  ...[adapters, audio, pretrainedAudio, tabular, text, pretrainedText, vision, pretrainedImage, fusion],
  ...[headText, heads, audioAugmentations, textAugmentations, textSynonyms, visionAugmentations],
  ...[encoderDecoderHeads, captionHeads, speechHeads],
];
