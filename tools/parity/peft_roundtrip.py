"""Adapters go from PEFT to us and back: what PEFT saved computes the same here, and what we saved the same there, also merged.

    python tools/parity/peft_roundtrip.py
"""

import json
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import torch
import transformers
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

tolerance = 1e-4
tokenizers = Path("packages/encoder-text/fixtures")
small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24}
text = {**small, "vocab_size": 600, "max_position_embeddings": 32}

families = {
    "bert": (
        transformers.BertConfig(**text),
        "word-piece",
        {
            "lora": LoraConfig(r=3, lora_alpha=5, target_modules=["query", "key", "value", "dense"]),
            "lora-embeddings": LoraConfig(r=2, target_modules=["word_embeddings", "query"]),
            "rslora-patterns": LoraConfig(
                r=4, use_rslora=True, target_modules=["query", "value"], rank_pattern={"value": 2}, alpha_pattern={"layer.1.*query": 3}
            ),
            "dora": LoraConfig(r=2, use_dora=True, lora_alpha=6, target_modules=["query", "value", "output.dense"]),
            "ia3": IA3Config(target_modules=["key", "value", "output.dense"], feedforward_modules=["output.dense"]),
        },
    ),
    "gpt2": (
        transformers.GPT2Config(n_embd=16, n_layer=2, n_head=4, n_positions=32, vocab_size=600, bos_token_id=1, eos_token_id=2),
        "byte-level-bpe",
        {
            "lora": LoraConfig(r=3, lora_alpha=6, fan_in_fan_out=True, target_modules=["c_attn", "c_proj", "c_fc"]),
            "dora": LoraConfig(r=2, use_dora=True, fan_in_fan_out=True, target_modules=["c_attn"]),
            "ia3": IA3Config(fan_in_fan_out=True, target_modules=["c_attn", "mlp.c_proj"], feedforward_modules=["mlp.c_proj"]),
        },
    ),
    "llama": (
        transformers.LlamaConfig(**text, num_key_value_heads=2),
        "byte-fallback-bpe",
        {
            "lora": LoraConfig(r=3, lora_alpha=6, target_modules="all-linear"),
            "dora": LoraConfig(r=2, use_dora=True, target_modules=["q_proj", "o_proj"]),
            "ia3": IA3Config(target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"]),
        },
    ),
    "clip": (
        transformers.CLIPVisionConfig(**small, image_size=16, patch_size=8),
        None,
        {
            "lora": LoraConfig(r=3, lora_alpha=6, target_modules=["patch_embedding", "q_proj", "out_proj", "fc1"]),
            "dora": LoraConfig(r=2, use_dora=True, target_modules=["patch_embedding", "v_proj"]),
            "ia3": IA3Config(target_modules=["patch_embedding", "k_proj", "fc2"], feedforward_modules=["fc2"]),
        },
    ),
}


def main() -> None:
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as place:
        target = Path(place)
        for name, (config, tokenizer, kinds) in families.items():
            torch.manual_seed(len(name))
            make(target / name, config, tokenizer, kinds)
        subprocess.run(["node", "tools/run.mjs", "tools/parity/peft-roundtrip.ts", place], check=True)
        right = [check(folder) for folder in sorted(target.glob("*/*")) if (folder / "ours").exists()]
    print(f"{sum(right)} of {len(right)} adapters went to us and back, all within {tolerance}")
    sys.exit(not right or not all(right))


def make(folder, config, tokenizer, kinds):
    """A checkpoint with random weights, and adapters with random values on it."""
    base = transformers.AutoModel.from_config(config).eval()
    for value in base.parameters():
        value.data += 0.1 * torch.randn_like(value)
    base.save_pretrained(folder / "model")
    if tokenizer:
        shutil.copy(tokenizers / f"{tokenizer}.json", folder / "model/tokenizer.json")
        x = torch.randint(3, 600, (2, 7), dtype=torch.int32)
    else:
        size = {"height": 16, "width": 16}
        processor = {"image_processor_type": "CLIPImageProcessor", "size": size, "crop_size": size}
        (folder / "model/preprocessor_config.json").write_text(json.dumps(processor))
        x = torch.randn(2, 16, 16, 3)
    save_file({"x": x}, folder / "x.safetensors")
    for kind, options in kinds.items():
        fresh = transformers.AutoModel.from_pretrained(folder / "model")
        model = get_peft_model(fresh, options).eval()
        for name, value in model.named_parameters():
            if value.requires_grad:
                value.data += 0.2 * torch.randn_like(value)
        model.save_pretrained(folder / kind / "theirs")
        save_file({"y": run(model, x)}, folder / kind / "theirs.safetensors")


def run(model, x):
    inputs = {"input_ids": x.long()} if x.dim() == 2 else {"pixel_values": x.permute(0, 3, 1, 2).contiguous()}
    with torch.no_grad():
        return model(**inputs).last_hidden_state.contiguous()


def check(folder: Path) -> bool:
    x = load_file(folder.parent / "x.safetensors")["x"]
    y = load_file(folder / "ours.safetensors")
    base = transformers.AutoModel.from_pretrained(folder.parent / "model")
    model = PeftModel.from_pretrained(base, folder / "ours").eval()
    saved = load_file(folder / "ours/adapter_model.safetensors")
    unused = len(saved) - sum(any(part in name for part in ("lora_", "ia3_")) for name, _ in model.named_parameters())
    there = (run(model, x) - y["y"]).abs().max().item()
    merged = (run(model.merge_and_unload(), x) - y["y"]).abs().max().item()
    here = (load_file(folder / "theirs.safetensors")["y"] - y["before"]).abs().max().item() if "before" in y else 0
    ok = unused == 0 and max(there, merged, here) <= tolerance
    place = f"{folder.parent.name}/{folder.name}"
    print(f"{'✓' if ok else '✗'} {place}: read here {here:.1e}, read there {there:.1e}, merged there {merged:.1e}")
    return ok


if __name__ == "__main__":
    main()
