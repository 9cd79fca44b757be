import { whisper } from '@polymodal/encoder-audio/pretrained';
import type { ConfigOf, KeyMap } from '@polymodal/hub';
import { encoderDecoderKeys } from '../encoder-decoder-keys';

/** The tensors of HF `WhisperForConditionalGeneration`. */
export function whisperKeys(tied: boolean): KeyMap {
  const { entries } = whisper.keys({} as ConfigOf<typeof whisper>);
  return encoderDecoderKeys({
    encoder: { slot: 'audio', keys: { entries }, theirs: ['model.encoder.', 'encoder.'] },
    decoder: { keys: decoderKeys, theirs: ['model.decoder.', 'decoder.'] },
    head: 'proj_out.weight',
    tied,
  });
}

const layer = 'layers.{i}';

const attention = (ours: string, theirs: string) => [
  { ours: `${layer}.${ours}.query.*`, theirs: `${layer}.${theirs}.q_proj.*` },
  { ours: `${layer}.${ours}.key.*`, theirs: `${layer}.${theirs}.k_proj.*` },
  { ours: `${layer}.${ours}.value.*`, theirs: `${layer}.${theirs}.v_proj.*` },
  { ours: `${layer}.${ours}.output.*`, theirs: `${layer}.${theirs}.out_proj.*` },
];

const decoderKeys: KeyMap = {
  entries: [
    { ours: 'tokenEmbeddings.weight', theirs: 'embed_tokens.weight' },
    { ours: 'positionEmbeddings.weight', theirs: 'embed_positions.weight' },
    { ours: `${layer}.norm1.*`, theirs: `${layer}.self_attn_layer_norm.*` },
    ...attention('attention', 'self_attn'),
    { ours: `${layer}.crossNorm.*`, theirs: `${layer}.encoder_attn_layer_norm.*` },
    ...attention('crossAttention', 'encoder_attn'),
    { ours: `${layer}.norm2.*`, theirs: `${layer}.final_layer_norm.*` },
    { ours: `${layer}.feedForward.intermediate.*`, theirs: `${layer}.fc1.*` },
    { ours: `${layer}.feedForward.output.*`, theirs: `${layer}.fc2.*` },
    { ours: 'norm.*', theirs: 'layer_norm.*' },
  ],
};
