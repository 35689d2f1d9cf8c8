"""What a step is worth, worked out from completions and the verdicts of distinct programs."""

from __future__ import annotations

from pytest_humaneval.core.extraction import Step
from pytest_humaneval.core.extraction.variants import (
    Effect,
    ProblemCompletion,
    Replay,
    Variant,
    effects,
    replay,
    variants,
)
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

STUB = Stub("def double(x):\n", "double")
FENCED = ProblemCompletion("T/0", 0, STUB, Completion("```python\ndef double(x):\n    return 2 * x\n```"))
PLAIN = ProblemCompletion("T/0", 1, STUB, Completion("    return 2 * x\n"))
NOTHING = ProblemCompletion("T/1", 0, STUB, Completion("I can't."))
LISTS = {"none": (), "fit": ("choose_code", "fit_to_prompt")}


def replayed() -> Replay:
    """Return the replay of all three answers."""
    return replay([FENCED, PLAIN, NOTHING], variants(LISTS))


def test_every_list_is_tried_whole_and_without_each_of_its_steps() -> None:
    """Two steps make three variants, none makes one; a step of one's own goes by its name."""
    own = Step("own", "format", lambda text, _: text)

    assert variants({"none": (), "fit": ("choose_code", own, "fit_to_prompt")}) == (
        Variant("none", None, ()),
        Variant("fit", None, ("choose_code", own, "fit_to_prompt")),
        Variant("fit", "choose_code", (own, "fit_to_prompt")),
        Variant("fit", "own", ("choose_code", "fit_to_prompt")),
        Variant("fit", "fit_to_prompt", ("choose_code", own)),
    )


def test_half_of_a_surrogate_pair_makes_a_program_too() -> None:
    """A model may write one; its program is apart from every other."""
    halves = [
        ProblemCompletion("T/0", index, STUB, Completion(f"    return '{half}'\n"))
        for index, half in enumerate("\ud800\udc00")
    ]

    found = replay(halves, variants({"fit": ("fit_to_prompt",)}))

    assert len({program.sha256 for program in found.programs if "return '" in program.solution}) >= 2


def test_equal_programs_are_one() -> None:
    """The plain body makes the same program under every variant, so it is executed once."""
    plain = [
        program for program in replayed().programs if program.solution == "def double(x):\n    return 2 * x\n"
    ]

    assert len(plain) == 1


def test_an_answer_without_code_makes_no_program() -> None:
    """There is nothing to execute."""
    whole = next(v for v in replayed().extracted if (v.postprocess, v.left_out) == ("fit", None))

    assert replayed().extracted[whole][2] is None


def test_a_step_wins_what_passes_only_with_it() -> None:
    """Without choosing the code, the fenced answer fails; the plain one never needed it."""
    step = Step("keep_code", "format", lambda text, _: text.replace("```python\n", "").replace("```", ""))
    replayed = replay([FENCED, PLAIN], variants({"own": (step,)}))
    passed = [program for program in replayed.programs if "```" not in program.solution]

    whole, without = effects(replayed, passed)

    assert Effect(whole.variant, 2) == whole
    assert Effect(without.variant, 1, won=(("T/0", 0),)) == without


def test_a_step_that_breaks_an_answer_shows_it() -> None:
    """What passes only without a step is that step's loss."""
    step = Step("break", "format", lambda text, _: text + "(")
    replayed = replay([PLAIN], variants({"own": (step,)}))
    passed = [program for program in replayed.programs if not program.solution.endswith("(")]

    _, without = effects(replayed, passed)

    assert (without.passed, without.lost) == (1, (("T/0", 1),))
