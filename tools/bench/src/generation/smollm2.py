"""What transformers makes of a chat model, for check-smollm2.ts, which runs this: conversations as its template renders them, what it writes behind prompts by the
likeliest tokens, with how near the second one came, and how likely what begins an answer is. Arguments: the model's folder, how many threads. Prints JSON.
"""

import json
import sys

import torch
import transformers

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(int(sys.argv[2]))
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
model = transformers.AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
user = lambda text: {"role": "user", "content": text}
assistant = lambda text: {"role": "assistant", "content": text}
system = lambda text: {"role": "system", "content": text}
conversations = [
    [user("Where is Bern?")],
    [system("Answer in one word."), user("Where is Bern?")],
    [user("Hi"), assistant("Hello! How can I help?"), user("Name a river.")],
    [system(""), user("  spaces  \n\nand lines ")],
    [user("犬は何ですか? 🐕 <|im_end|> {{ x }}"), assistant(""), user("ü")],
    [system("Be brief."), user("1 + 1?"), assistant("2"), user("2 + 2?"), assistant("4"), user("3 + 3?")],
]
subjects = ["Paris", "the moon", "bread", "a violin", "rain", "a red apple", "mathematics", "the sea", "winter", "a horse", "the number seven", "coffee"]
asked = [f"Say something about {subject}." for subject in subjects] + [f"What is the opposite of {word}?" for word in "hot dark fast early old rich".split()]
asked += ["Write a sentence in French.", "Count to five.", "Who wrote Hamlet?", "Translate 'Hund' into English.", "List three colours.", "Name a prime number above ten and say why it is one."]
new_tokens = 12


@torch.inference_mode()
def greedy(text):
    ids = tokenizer.apply_chat_template([user(text)], add_generation_prompt=True, return_tensors="pt", return_dict=True)["input_ids"]
    out = model.generate(ids, do_sample=False, max_new_tokens=new_tokens, return_dict_in_generate=True, output_scores=True, pad_token_id=tokenizer.pad_token_id)
    tops = [step[0].topk(2).values for step in out.scores]
    return {"prompt": text, "ids": out.sequences[0, ids.shape[1] :].tolist(), "margins": [(top[0] - top[1]).item() for top in tops]}


@torch.inference_mode()
def first_probabilities(text):
    ids = tokenizer.apply_chat_template([user(text)], add_generation_prompt=True, return_tensors="pt", return_dict=True)["input_ids"]
    return torch.softmax(model(ids).logits[0, -1].double(), -1).tolist()


rendered = [
    {"messages": own, "text": tokenizer.apply_chat_template(own, tokenize=False, add_generation_prompt=open_), "open": open_}
    for own in conversations
    for open_ in (False, True)
]
for own in rendered:
    own["ids"] = tokenizer(own["text"], add_special_tokens=False)["input_ids"]
shares = first_probabilities(asked[0])
print(json.dumps({
    "rendered": rendered,
    "template": tokenizer.chat_template,
    "tokens": {name: value for name, value in tokenizer.special_tokens_map.items() if isinstance(value, str)},
    "greedy": [greedy(text) for text in asked],
    "newTokens": new_tokens,
    "first": {"prompt": asked[0], "shares": [[id, share] for id, share in enumerate(shares) if share > 1e-7]},
}))
