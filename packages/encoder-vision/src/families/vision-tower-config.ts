import type { ActivationName, PerAxis } from '@polymodal/nn';

/** What the vision towers of dual encoders are made from: the names of HF `CLIPVisionConfig` and `SiglipVisionConfig`. */
export interface VisionTowerConfig {
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly attentionDropout: number;
  readonly layerNormEps: number;
  readonly imageSize: PerAxis;
  readonly patchSize: PerAxis;
  readonly numChannels: number;
}
