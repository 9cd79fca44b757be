"""Writes packages/encoder-text/fixtures/chat: what transformers makes of conversations by published chat templates.

templates.json has the templates as they stand beside published models (name and licence of each; all but the first as the tests of
huggingface.js, MIT, hold them). cases.json has what is rendered of them, null where a template refuses it; answers.json ids and masks of a
template with `{% generation %}` marks, and of two others as slices between its own renderings.
"""

import json
from datetime import datetime
from pathlib import Path

import transformers.utils.chat_template_utils as chat
from transformers import PreTrainedTokenizerFast

root = Path(__file__).parents[2] / "packages/encoder-text/fixtures"
templates = json.loads((root / "chat/templates.json").read_text())


class Clock(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 1, 12)


chat.datetime = Clock

question = {"role": "user", "content": "How many cubes are there?"}
answer = {"role": "assistant", "content": "Three, two of them red."}
system = {"role": "system", "content": "You see scenes.\nBe short."}
picture = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is left of the cube?"}]}
listed = lambda message: {**message, "content": [{"type": "text", "text": message["content"]}]}

conversations = {
    "question": [question],
    "system": [system, question],
    "turns": [question, answer, {"role": "user", "content": "  Und das „Größte“ 三?\n\n"}],
    "answered": [system, question, answer, question, {"role": "assistant", "content": " Four. \n"}],
    "picture": [picture, listed(answer), listed(question)],
    "two users": [question, question],
}
options = {
    "question": [{}, {"add_generation_prompt": True}],
    "system": [{"add_generation_prompt": True}],
    "turns": [{"add_generation_prompt": True}],
    "answered": [{}, {"continue_final_message": True}],
    "picture": [{"add_generation_prompt": True}],
    "two users": [{}],
}


def rendered(template, messages, given):
    try:
        (text,), _ = chat.render_jinja_template([messages], chat_template=template["template"], **given, **template["tokens"])
        return text
    except Exception:
        return None


cases = []
for template in templates:
    for name, messages in conversations.items():
        if name == "picture" and template["name"] not in ("Qwen/Qwen2.5-VL-7B-Instruct", "HuggingFaceTB/SmolVLM-Instruct"):
            continue
        if name != "picture" and template["name"] == "HuggingFaceTB/SmolVLM-Instruct":
            messages = [listed(message) for message in messages]
        for given in options[name]:
            text = rendered(template, messages, given)
            cases.append({"template": template["name"], "messages": messages, "options": given, "text": text})
(root / "chat/cases.json").write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")

marked = """{%- for message in messages %}
    {{- '<|' + message.role + '|>' }}
    {% if message.role == 'assistant' %}
        {% generation %}
{{ message.content + '.' }}
        {%- endgeneration %}

    {% else %}
{{ message.content }}
    {% endif %}
{% endfor %}
{% if add_generation_prompt %}<|assistant|>{% endif %}"""

answers = []
for name in ["byte-level-bpe", "sentence-piece"]:
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(root / f"{name}.json"))
    for messages in [conversations["turns"], conversations["answered"]]:
        for given in [{}, {"add_generation_prompt": True}]:
            out = tokenizer.apply_chat_template(
                messages, chat_template=marked, tokenize=True, return_dict=True, return_assistant_tokens_mask=True, **given
            )
            text = tokenizer.apply_chat_template(messages, chat_template=marked, tokenize=False, **given)
            answers.append(
                {"tokenizer": name, "messages": messages, "options": given, "text": text, "ids": out["input_ids"], "mask": out["assistant_masks"]}
            )
(root / "chat/answers.json").write_text(json.dumps({"template": marked, "cases": answers}, ensure_ascii=False, indent=1) + "\n")
