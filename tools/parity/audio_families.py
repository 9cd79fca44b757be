"""Fixtures of packages/encoder-audio/src/families: tiny random checkpoints of each family, and what transformers computes.

Needs torch, transformers, safetensors. Run from the root of the repository:
    python tools/parity/audio_families.py [family …]
"""

import sys
from pathlib import Path

import torch
from family_fixture import randomise, write_fixture, write_gradients
from transformers import (
    ASTConfig,
    ASTForAudioClassification,
    ASTModel,
    HubertConfig,
    HubertForCTC,
    HubertModel,
    Wav2Vec2Config,
    Wav2Vec2ForCTC,
    Wav2Vec2ForPreTraining,
    Wav2Vec2Model,
    WhisperConfig,
    WhisperForAudioClassification,
    WhisperForConditionalGeneration,
    WhisperModel,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

fixtures = Path("packages/encoder-audio/fixtures/families")


def case(name, model, seed, *, layers, features, run, frame_mask=None, part=lambda base: base, **options):
    """`part`: of the base model, what is compared."""
    randomise(model, seed)
    randomise_statistics(model, seed)
    write_fixture(fixtures / name, model, layers=layers, features=features, run=run, mask=frame_mask, **options)
    write_gradients(fixtures / name, part(model.base_model))


def randomise_statistics(model, seed) -> None:
    """The means and variances of batch norms."""
    generator = torch.Generator().manual_seed(seed)
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.copy_(torch.randn(buffer.shape, generator=generator) * 0.2)
        if name.endswith("running_var"):
            buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)


def speech_case(name, model, seed, *, samples, lengths=None, masked=None, **options):
    """`lengths`: of the recordings, which are padded then; `masked`: how many frames there are, of which some are masked."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn((2, samples), generator=generator)
    features, arguments, frame_mask = {"inputValues": values}, {}, None
    if lengths is not None:
        mask = (torch.arange(samples)[None] < torch.tensor(lengths)[:, None]).float()
        values *= mask
        features["mask"] = mask
        arguments["attention_mask"] = mask.long()
        counts = model._get_feat_extract_output_lengths(torch.tensor(lengths))
        frames = model._get_feat_extract_output_lengths(torch.tensor(samples))
        if not getattr(model.config, "add_adapter", False):
            frame_mask = (torch.arange(int(frames))[None] < counts[:, None]).float()
    if masked is not None:
        features["maskedFrames"] = (torch.rand((2, masked), generator=generator) < 0.4).float()
        arguments["mask_time_indices"] = features["maskedFrames"].bool()
    run = lambda base: {"tokens": base(input_values=values, **arguments).last_hidden_state.clone()}
    layers = lambda base: base.encoder.layers
    case(name, model, seed, layers=layers, features=features, run=run, frame_mask=frame_mask, **options)


speech_sizes = {
    **{"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20},
    **{"conv_dim": [6, 8, 5], "conv_stride": [5, 2, 2], "conv_kernel": [10, 3, 2]},
    **{"num_conv_pos_embeddings": 6, "num_conv_pos_embedding_groups": 3},
}


def rename(tensors, parts) -> None:
    for name in list(tensors):
        for new, old in parts.items():
            if new in name:
                tensors[name.replace(new, old)] = tensors.pop(name)


def former_weight_norm(tensors) -> None:
    """As transformers wrote it before PyTorch had parametrizations."""
    rename(tensors, {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"})


def wav2vec2() -> None:
    config = lambda **options: Wav2Vec2Config(**speech_sizes | options)
    speech_case("wav2vec2/group-norm", Wav2Vec2Model(config()), 1, samples=163, masked=7)
    stable = config(
        feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True, num_conv_pos_embeddings=5, layer_norm_eps=1e-3
    )
    speech_case("wav2vec2/layer-norm-stable-padded", Wav2Vec2Model(stable), 2, samples=170, lengths=[170, 117])
    ctc = Wav2Vec2ForCTC(config(conv_bias=True, feat_extract_activation="relu", hidden_act="gelu_new", vocab_size=5))
    speech_case("wav2vec2/ctc-former-f16", ctc, 3, samples=151, dtype=torch.float16, edit_tensors=former_weight_norm)
    sizes = {"num_codevectors_per_group": 3, "codevector_dim": 4, "proj_codevector_dim": 4}
    pretraining = Wav2Vec2ForPreTraining(config(feat_extract_norm="layer", **sizes))
    speech_case("wav2vec2/pretraining-padded-masked-bf16", pretraining, 4, samples=140, lengths=[98, 140], masked=6, dtype=torch.bfloat16)
    adapters = config(
        **{"feat_extract_norm": "layer", "do_stable_layer_norm": True, "add_adapter": True, "num_adapter_layers": 2},
        **{"output_hidden_size": 7, "adapter_attn_dim": 3, "mask_time_prob": 0.0},
    )
    speech_case("wav2vec2/adapters", Wav2Vec2Model(adapters), 5, samples=333)
    same_width = config(add_adapter=True, num_adapter_layers=1, adapter_stride=3, adapter_kernel_size=4, conv_kernel=[7, 4, 1])
    speech_case("wav2vec2/adapter-of-the-same-width", Wav2Vec2Model(same_width), 6, samples=290)


def hubert() -> None:
    config = lambda **options: HubertConfig(**speech_sizes | options)
    speech_case("hubert/group-norm", HubertModel(config(layer_norm_eps=1e-3)), 1, samples=163, masked=7)
    large = config(feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True, hidden_act="relu")
    speech_case("hubert/layer-norm-stable-padded", HubertModel(large), 2, samples=170, lengths=[117, 170])
    batch_norm = config(conv_pos_batch_norm=True, feat_proj_layer_norm=False, mask_time_prob=0.0)
    speech_case("hubert/batch-norm", HubertModel(batch_norm), 3, samples=150)
    ctc = HubertForCTC(config(feat_extract_norm="layer", num_conv_pos_embeddings=5, vocab_size=5))
    speech_case("hubert/ctc-padded-bf16", ctc, 4, samples=141, lengths=[141, 90], dtype=torch.bfloat16)


def whisper() -> None:
    def config(**options):
        sizes = {"d_model": 12, "encoder_layers": 2, "encoder_attention_heads": 3, "encoder_ffn_dim": 20, "num_mel_bins": 5}
        decoder = {"decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 8, "max_target_positions": 4}
        tokens = {name: 1 for name in ["pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id"]}
        return WhisperConfig(**sizes | decoder | tokens | {"vocab_size": 7, "max_source_positions": 9} | options)

    def whisper_case(name, model, seed, **options):
        encoder = lambda base: getattr(base, "encoder", base)
        frames = 2 * model.config.max_source_positions
        values = torch.randn((2, frames, model.config.num_mel_bins), generator=torch.Generator().manual_seed(seed))
        run = lambda base: {"tokens": encoder(base)(values.permute(0, 2, 1)).last_hidden_state.clone()}
        layers = lambda base: encoder(base).layers
        case(name, model, seed, layers=layers, features={"inputFeatures": values}, run=run, part=encoder, **options)

    whisper_case("whisper/whole", WhisperForConditionalGeneration(config()), 1)
    whisper_case("whisper/without-head-f16", WhisperModel(config(activation_function="relu", num_mel_bins=8)), 2, dtype=torch.float16)
    whisper_case("whisper/encoder-alone", WhisperEncoder(config(max_source_positions=12, scale_embedding=True)), 3)
    labelled = WhisperForAudioClassification(config(classifier_proj_size=4, use_weighted_layer_sum=True))
    whisper_case("whisper/classifier-bf16", labelled, 4, dtype=torch.bfloat16)


def ast() -> None:
    def config(**options):
        sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20}
        return ASTConfig(**sizes | {"patch_size": 4, "frequency_stride": 3, "time_stride": 2, "max_length": 11, "num_mel_bins": 9} | options)

    def ast_case(name, model, seed, **options):
        shape = (2, model.config.max_length, model.config.num_mel_bins)
        values = torch.randn(shape, generator=torch.Generator().manual_seed(seed))

        def run(base):
            output = base(input_values=values)
            return {"tokens": output.last_hidden_state.clone(), "pooled": output.pooler_output}

        case(name, model, seed, layers=lambda base: base.layers, features={"inputFeatures": values}, run=run, **options)

    ast_case("ast/overlapping", ASTModel(config()), 1)
    ast_case("ast/no-query-bias", ASTModel(config(qkv_bias=False, hidden_act="relu", layer_norm_eps=1e-3)), 2)
    ast_case("ast/beside-one-another-f16", ASTModel(config(frequency_stride=4, time_stride=4, max_length=16, num_mel_bins=8)), 3, dtype=torch.float16)
    ast_case("ast/classifier-bf16", ASTForAudioClassification(config(time_stride=5, num_labels=3)), 4, dtype=torch.bfloat16)


families = {"wav2vec2": wav2vec2, "hubert": hubert, "whisper": whisper, "ast": ast}
for family in sys.argv[1:] or families:
    families[family]()
