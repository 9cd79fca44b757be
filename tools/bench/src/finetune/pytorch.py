"""A contender: the same towers and what joins them in PyTorch, eager, float32, as people write it: frozen towers under no_grad, PEFT for LoRA.

Arguments: the folder of the workload, the number of threads.
"""

import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # last, so that no folder there hides a package
from python_contender import missing, serve  # noqa: E402

try:
    import numpy as np
    import torch
    from safetensors.torch import load_file
    from torch import nn
    from torch.nn import functional as F
    from transformers import BertModel, CLIPVisionModel, PreTrainedTokenizerFast
except ImportError as error:
    missing(str(error))

folder = Path(sys.argv[1])
workload = json.loads((folder / "workload.json").read_text())
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(0)
config = workload["config"]
frozen = config["towers"] == "frozen"


class Joined(nn.Module):
    """The vectors of both towers side by side, a feed-forward block, and a linear head."""

    def __init__(self, width=256):
        super().__init__()
        self.image, self.text = nn.Linear(768, width), nn.Linear(384, width)
        self.join = nn.Linear(2 * width, width)
        self.norm0, self.norm = nn.LayerNorm(width, start_eps), nn.LayerNorm(width, start_eps)
        self.up, self.down = nn.Linear(width, 6 * width), nn.Linear(6 * width, width)
        self.classifier = nn.Linear(width, 2)

    def forward(self, image, text):
        joint = self.join(torch.cat([self.image(image), self.text(text)], 1))
        return self.classifier(self.norm(joint + self.down(F.gelu(self.up(self.norm0(joint))))))


start_eps = 1e-5
ours = {
    "image": "fusion.vectors.projections.image",
    "text": "fusion.vectors.projections.text",
    "join": "fusion.join",
    "norm0": "fusion.mlp.norms.0",
    "norm": "fusion.mlp.norm",
    "up": "fusion.mlp.blocks.0.intermediate",
    "down": "fusion.mlp.blocks.0.output",
    "classifier": "heads.kind.classifier",
}
start = load_file(folder / "start.safetensors")
joined = Joined()
joined.load_state_dict({f"{own}.{part}": start[f"{theirs}.{part}"] for own, theirs in ours.items() for part in ("weight", "bias")})
vision = CLIPVisionModel.from_pretrained(folder / "clip")
text = BertModel.from_pretrained(folder / "minilm")
if frozen:
    for tower in (vision, text):
        tower.eval().requires_grad_(False)
else:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        missing(str(error))
    lora = {"r": config["rank"], "lora_alpha": config["alpha"]}
    vision = get_peft_model(vision, LoraConfig(target_modules=["q_proj", "v_proj"], **lora)).train()
    text = get_peft_model(text, LoraConfig(target_modules=["query", "value"], **lora)).train()

if config["compiled"]:
    vision, text = torch.compile(vision, dynamic=True), torch.compile(text, dynamic=True)
learning = [own for module in (vision, text, joined) for own in module.parameters() if own.requires_grad]
optimizer = torch.optim.AdamW(learning, lr=config["learningRate"], weight_decay=0.01)
tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "minilm/tokenizer.json"), pad_token="[PAD]")
samples = workload["samples"]
ids = [tokenizer(sample["text"])["input_ids"] for sample in samples]
labels = torch.tensor([int(sample["bright"]) for sample in samples])
pixels = np.fromfile(folder / "pictures.bin", np.uint8).reshape(-1, 224, 224, 3)
mean, deviation = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
pictures = ((torch.from_numpy(pixels).float() / 255 - mean) / deviation).permute(0, 3, 1, 2).contiguous()


def logits(indices):
    longest = max(len(ids[index]) for index in indices)
    padded = torch.tensor([ids[index] + [0] * (longest - len(ids[index])) for index in indices])
    mask = torch.tensor([[1] * len(ids[index]) + [0] * (longest - len(ids[index])) for index in indices])
    with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
        image = vision(pixel_values=pictures[indices]).pooler_output
        words = text(input_ids=padded, attention_mask=mask).pooler_output
    return joined(image, words)


with torch.no_grad():
    first = list(range(config["batchSize"]))
    first_loss = F.cross_entropy(logits(first), labels[first]).item()


def epoch():
    before, cpu = time.perf_counter(), time.process_time()
    for batch in torch.randperm(config["trainingSamples"]).split(config["batchSize"]):
        indices = batch.tolist()
        optimizer.zero_grad()
        loss = F.cross_entropy(logits(indices), labels[indices])
        loss.backward()
        nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        loss.item()
    return time.perf_counter() - before, time.process_time() - cpu


@torch.no_grad()
def accuracy():
    held_out = list(range(config["trainingSamples"], len(samples)))
    return (logits(held_out).argmax(1) == labels[held_out]).float().mean().item()


def tune(times):
    """One epoch, whatever `times` says."""
    seconds, cpu = epoch()
    return {"seconds": seconds, "cpuSeconds": cpu, "firstLoss": first_loss, "accuracy": accuracy()}


serve(tune)
