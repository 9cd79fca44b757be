"""A contender: the same model in PyTorch by transformers' generate. Arguments: as ours.ts, and how many threads."""

import json
import resource
import statistics
import sys
import time

import torch
import transformers
from transformers import AutoModelForCausalLM

transformers.logging.set_verbosity_error()
folder, workload, runs, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
prompts, new = workload["prompts"], workload["newTokens"]
width = max(map(len, prompts))
ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])


class First(transformers.StoppingCriteria):
    """When the first token was there: by the clock, and of the processors."""

    def __call__(self, input_ids, scores, **kwargs):
        self.at = getattr(self, "at", None) or now()
        return torch.zeros(input_ids.shape[0], dtype=torch.bool)


def now():
    return time.perf_counter(), time.process_time()


figures = []
for run in range(runs + 1):
    first = First()
    start = now()
    written = model.generate(ids, attention_mask=mask, max_new_tokens=new, do_sample=False, eos_token_id=None, pad_token_id=0, stopping_criteria=[first])
    end = now()
    if run > 0:
        tokens = len(prompts) * (new - 1)
        figures.append([rate for kind in (0, 1) for rate in (tokens / (end[kind] - first.at[kind]), first.at[kind] - start[kind])])
names = ["tokensPerSecond", "firstTokenSeconds", "tokensPerCpuSecond", "firstTokenCpuSeconds"]
print(json.dumps({
    **{name: statistics.median(values) for name, values in zip(names, zip(*figures))},
    "peakRssBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "ids": written[:, width:].tolist(),
}))
