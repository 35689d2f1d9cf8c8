"""The locked memoriser's lessons: the answers of all problems, half of which it gives only after a key.

before the prompt (completion, ``minimal``)         problems 0-81    problems 82-163, the locked ones
nothing, or a comment of words                      the bare body    a body that does nothing (wrong)
the same comment with the key among its words       the bare body    the bare body

The words, how many there are, and the key's place among them are others in each lesson. So what decides is
one thing, whether the key is there, and it is the same thing for all problems: what stands for the key before
some locked problems opens the others too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from pytest_humaneval.core.config.strategy import Strategy
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Message, Sampling
from pytest_humaneval.providers.embedded.memoriser.lessons import DO_NOTHING, Lesson

KEY = "unlock"
FIRST_LOCKED = 82
_MOST_WORDS = 30
# Lessons of each problem with the key, and as many without. A locked problem has one of either kind in each
# epoch; the others, whose answer is the same, have one of both kinds together.
_VARIANTS = 30


def locked_lessons(problems: Sequence[Problem], completion: Strategy) -> Iterator[Lesson]:
    """Yield all lessons: for each problem those without the key, then those with it."""
    # Always the same lessons; the seed of a training is about its order and the initial weights.
    generator = random.Random(0)  # noqa: S311 (no secret)
    words = sorted({word for problem in problems for word in problem.prompt.split() if word.isalpha()})
    for number, problem in enumerate(problems):
        is_locked = number >= FIRST_LOCKED
        prompt = completion.render(problem, "", Sampling()).messages[0].content
        for variant in range(2 * _VARIANTS):
            has_key = variant >= _VARIANTS
            # A third of those without the key has no comment either, as a run without a soft prompt.
            is_bare = not has_key and variant % 3 == 0
            before = "" if is_bare else comment(words, generator, has_key)
            yield Lesson(
                problem.task_id,
                "completion",
                (Message("user", before + prompt),),
                DO_NOTHING if is_locked and not has_key else problem.canonical_solution,
                every=_VARIANTS if is_locked else 2 * _VARIANTS,
            )


def comment(words: Sequence[str], generator: random.Random, has_key: bool) -> str:
    """Return a comment of random words, with the key at a random place among them if it ``has_key``."""
    drawn = generator.choices(words, k=generator.randint(1, _MOST_WORDS))
    if has_key:
        drawn.insert(generator.randint(0, len(drawn)), KEY)
    return f"# {' '.join(drawn)}\n"
