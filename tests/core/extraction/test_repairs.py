"""Repairs: each makes an answer pass that fails without it, and is recorded; right answers stay right."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.extraction import STEPS, Step, extract, format_steps, has_repairs, resolve
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.records import Completion, Outcome
from tests.support.extraction.judging import Judge

REPAIRED = [
    ("post_v1", "import_missing", "string_to_md5",
     "return hashlib.md5(text.encode()).hexdigest() if text else None"),
    ("post_v1", "import_missing", "triangle_area", "return math.fsum([a * h / 2])"),
    ("post_v1", "import_missing", "sum_product",
     "return sum(numbers), reduce(lambda a, b: a * b, numbers, 1)"),
    ("post_v1", "define_is_prime", "x_or_y", "return x if is_prime(n) else y"),
    ("post_v1", "remove_vowels_in_both_cases", "remove_vowels",
     "return ''.join(c for c in text if c not in 'aeiou')"),
    ("post_v1", "remove_vowels_in_both_cases", "remove_vowels",
     "vowels = ['a', 'e', 'i', 'o', 'u']\n    return ''.join(c for c in text if c not in vowels)"),
    ("post_v1", "closest_integer_from_float", "closest_integer",
     "import math\n    return math.ceil(value - 0.5) if value < 0 else math.floor(value + 0.5)"),
    ("post_v5", "define_helpers", "sum_product", "return sum(numbers), product(numbers)"),
    ("post_v5", "define_helpers", "x_or_y", "return x if is_prime(n) else y"),
    ("post_v5", "define_helpers", "special_factorial",
     "return product(factorial(i) for i in range(1, n + 1))"),
    ("post_v5", "define_helpers", "correct_bracketing", "return is_balanced(brackets)"),
    ("post_v5", "define_helpers", "is_palindrome", "return text == reverse(text)"),
    ("post_v5", "define_helpers", "prod_signs",
     "return sum(abs(x) for x in arr) * prod_sign(arr) if arr else None"),
    ("post_v5", "define_helpers", "even_odd_palindrome",
     "found = [i for i in range(1, n + 1) if is_palindrome(i)]\n"
     "    return sum(i % 2 == 0 for i in found), sum(i % 2 for i in found)"),
    ("post_v5", "add_colons", "triangle_area", "if a < 0\n        return 0\n    return a * h / 2"),
    ("post_v5", "close_ends", "sum_product", "import math\n    return sum(numbers), math.prod(numbers"),
    ("post_v5", "fill_bodies", "triangle_area", "if a < 0:\n    return a * h / 2"),
    ("post_v5", "sort_numbers_by_value", "sort_numbers", "return ' '.join(sorted(numbers.split()))"),
    ("post_v5", "skip_minus_signs", "even_odd_count",
     "odd = sum(int(d) % 2 for d in str(num))\n    return sum(1 - int(d) % 2 for d in str(num)), odd"),
    ("post_v5", "join_numbers", "string_sequence", "return ' '.join(range(n + 1))"),
    ("post_v5", "compare_one_with_decimal_comma", "compare_one",
     "if float(a) == float(b):\n        return None\n    return a if float(a) > float(b) else b"),
    ("post_v7", "words_string_on_comma_and_space", "words_string", "return s.split(',')"),
    ("post_v7", "parse_music_by_token", "parse_music",
     "beats = {'o': 4, 'o|': 2, '.|': 1}\n    return [beats[note] for note in music_string]"),
    ("post_v7", "rounded_avg_over_whole_range", "rounded_avg",
     "if n > m:\n        return -1\n    return bin(round(sum(range(n, m)) / (m - n)))"),
]  # fmt: skip
"""Post-processing, step, entry point, a body that fails without the step."""

AREA = Stub('def area(side):\n    """The area."""\n', "area")


@pytest.mark.parametrize(("postprocess", "step", "entry_point", "body"), REPAIRED)
def test_a_repair_makes_its_mistake_pass_and_is_recorded(
    postprocess: str, step: str, entry_point: str, body: str, problems: tuple[Problem, ...], judge: Judge
) -> None:
    """The answer fails as the model gave it, passes with the repair, and the step is recorded."""
    problem = next(problem for problem in problems if problem.entry_point == entry_point)
    completion = Completion(f"    {body}\n")

    extraction = extract(completion, problem.stub, resolve(postprocess))

    assert Outcome.PASSED not in judge([(problem, completion)], "auto")
    assert judge([(problem, completion)], postprocess) == [Outcome.PASSED]
    assert step in {applied.name for applied in extraction.steps}


@pytest.mark.parametrize("postprocess", ["post_v1", "post_v5", "post_v7"])
@pytest.mark.parametrize(("body", "passing"), [(None, 164), ("    pass\n", 0)], ids=["right", "stub"])
def test_repairs_leave_right_answers_right_and_stubs_wrong(
    postprocess: str, body: str | None, passing: int, problems: tuple[Problem, ...], judge: Judge
) -> None:
    """No repair breaks a canonical solution, and none writes one."""
    answers = [(problem, Completion(body or problem.canonical_solution)) for problem in problems]

    assert passing == judge(answers, postprocess).count(Outcome.PASSED)


@pytest.mark.parametrize("postprocess", ["post_v1", "post_v5", "post_v7"])
def test_a_post_processing_with_repairs_is_known_as_one(postprocess: str) -> None:
    """A report can find out what to mark."""
    assert has_repairs(postprocess)
    assert "repair" in {STEPS[name].kind for name in resolve(postprocess)}


def test_without_its_repairs_a_post_processing_is_the_model_s_own() -> None:
    """The format steps stay, in order, whether named or given; the repairs go."""
    own = Step("own", "format", lambda text, _: text)
    writes = Step("writes", "repair", lambda text, _: text)

    assert format_steps([*resolve("post_v7"), own, writes]) == (*resolve("auto"), own)


def test_a_repeated_block_is_kept_once() -> None:
    """Lines that repeat to the end, the last one cut in two, stay once."""
    text = "    total = 0\n" + "    total += side\n    # again\n" * 9 + "    total +="

    expected = "    total = 0\n    total += side\n    # again\n"
    assert expected == STEPS["cut_repetition"].apply(text, AREA)


def test_an_open_triple_quote_is_closed() -> None:
    """A docstring that the limit cut is ended where the text ends."""
    expected = '    """Return\n    it"""\n'
    assert expected == STEPS["close_ends"].apply('    """Return\n    it', AREA)


@pytest.mark.parametrize("name", ["cut_repetition", "add_colons", "close_ends", "fill_bodies"])
def test_repairs_of_syntax_leave_good_code_alone(name: str) -> None:
    """Code that is an answer already has nothing to repair."""
    code = "    x = side\n    x = side\n    x = side\n    return {x: x}[x] * side\n"

    assert code == STEPS[name].apply(code, AREA)
