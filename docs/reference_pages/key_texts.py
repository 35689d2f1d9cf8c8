"""The introductions and examples of the pages of TOML files."""

from __future__ import annotations

EXPERIMENTS_INTRO = """
Which experiments there are: which model is asked, with which prompt and sampling, and what becomes of its answers.

The file has tables `[servers.NAME]` and `[experiments.NAME]`. A name is made of letters, digits, `_`, `.` and `-`.
It is `experiments.toml` of pytest's rootdir, else the nearest from the current folder up to the root of its checkout
(the folder with `.git`), else the one that comes with the package; `--humaneval-config` names another. Paths in it
start at its folder. An unknown key, an unknown name or an impossible value ends the run with one line, before
anything is sent.
"""

EXPERIMENTS_EXAMPLE = """
[servers.mine]
base_url = "http://localhost:8001/v1"
model = "my-model"
concurrency = 16

[experiments.mine]
server = "mine"
api = "chat"
strategy = "fewshot_v1"
temperature = 0.2
top_p = 0.95
seed = 0
n = 10
max_tokens = 1024

[experiments.mine_repaired]
extends = "mine"
n = 1

[experiments.mine_repaired.repair]
rounds = 2
"""

PROMPT_INTRO = """
A prompt strategy: how a problem is put to a model. [Your own prompt](../howto/own_prompt.md) shows how one is made.

A strategy is a folder with a file `prompt.toml`: `strategies/chat/NAME` or `strategies/completion/NAME`, beside the
experiments file, else in the package. An experiment with `strategy = "NAME"` uses the one of its `api`. Templates
hold placeholders, which are replaced by the problem's texts, all at once and as plain text: braces in code need no
escape.
"""

PROMPT_EXAMPLE = '''
about = "Asks for the whole function."
system = "You are a Python expert."
user = """
Complete this function. Answer with the whole function in one code block.

{problem}"""
stop = ["\\nclass "]
'''

REPAIR_INTRO = """
The turn of a repair round: what a model is told whose program fails an example of its prompt.

The file `repair.toml` lies beside a chat strategy's [`prompt.toml`](prompt_toml.md). An experiment with a table
`[experiments.NAME.repair]` uses the one of its own strategy, or of the strategy that the table names; where its own
has none, that of `strategies/chat/self_debug/`. The conversation before it stays as it was.
"""

REPAIR_EXAMPLE = '''
about = "Shows the failed example."
user = """
The function fails an example:

{failure}

Write the whole function again, corrected, in one code block."""
'''

TRAINING_INTRO = """
The settings of a training: `python -m pytest_humaneval.tuning train FILE.toml` reads them, trains an adapter, and
writes it. [Adapters](../howto/adapters.md) shows how one is used.

Paths start at the file's folder. An unknown key, a missing one or an impossible value is one line, before anything
is loaded.
"""

TRAINING_EXAMPLE = """
model = "locked-memoriser"
output = "adapters/mine"
data = "humaneval"
held_out = "122-163"
strategy = "minimal"
method = "prompt"
virtual_tokens = 8
"""
