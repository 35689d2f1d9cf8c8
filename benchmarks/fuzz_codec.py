"""Fuzz the decoder of what candidates answer, guided by coverage.

    python benchmarks/fuzz_codec.py --seconds 60 --seed 1

Needs atheris (https://github.com/google/atheris), which drives libFuzzer. Each input is a message as it comes
off the wire. Decoding it must give a value or refuse it as malformed, within a second and little memory; the
value must be such that a test can print it, compare it and ask for its truth. Prints libFuzzer's figures; the
exit status is not 0 where something was found, and the input lies in the working folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from pytest_humaneval.sandbox.runtime.protocol import codec
    from pytest_humaneval.sandbox.runtime.trusted import arrays, decoding, numpy_numbers, sequences

INSTRUMENTED = (arrays, codec, decoding, numpy_numbers, sequences)
SEEDS = (
    '["returned",[1,-2.5,"a",null,true],null]',
    '{"dict":[["a",{"tuple":[1,{"int":"ffffffffffffffffffff"}]}],[{"bytes":"b"},{"set":[1,{"str":"a"}]}]]}',
    '{"frozenset":[{"complex":[1.5,NaN]},{"range":[0,9,2]},{"ellipsis":null},{"decimal":"1.5"}]}',
    '[{"keys":[1,2]},{"values":[[1]]},{"pairs":[[1,[2]]]},{"deque":[1]},{"iterator":[1]},{"truncated_iterator":[1]}]',
    '{"sequence":["A object",true,["__len__","__getitem__"],[1,2]]}',
    '[{"opaque":["A object",false]},{"inert":["f",true]},{"ratio":[1,3]},{"numbers":["i",[1]]}]',
    '[{"memory":["H",{"bytes":"abcd"}]},{"array":[[2,1],[1,{"float32":[0.5]}]]},{"numpy_complex":[1.0,2.0]}]',
)


def try_message(data: bytes) -> None:
    """Decode one message; whatever is raised, unless it says that the message is malformed, is a finding."""
    try:
        value = decoding.Decoder().decode(codec.loads(data))
    except codec.Malformed:
        return
    # Integers of too many digits to print, the truth of an array of several items, a comparison with a
    # signaling NaN.
    with suppress(ValueError, ArithmeticError):
        repr(value)
        bool(value == [1, "a"])
        bool(value)


def main() -> None:
    """Fuzz for the time given, in a child process, because libFuzzer ends the process that it runs in."""
    parser = argparse.ArgumentParser(description="Fuzz the decoder of what candidates answer.")
    parser.add_argument("--seconds", type=int, default=10, help="how long")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            sys.exit(os.waitstatus_to_exitcode(status))
        tags = [*decoding._SCALARS, *decoding._HASHED, *decoding._UNHASHED]
        dictionary = Path(folder, "dictionary")
        dictionary.write_text("".join(f'"{{\\"{tag}\\":["\n' for tag in tags))
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for index, seed in enumerate(SEEDS):
            Path(corpus, str(index)).write_text(seed)
        limits = [f"-max_total_time={chosen.seconds}", "-timeout=1", "-rss_limit_mb=1024", "-max_len=4096"]
        atheris.Setup(
            [sys.argv[0], str(corpus), f"-dict={dictionary}", f"-seed={chosen.seed}", *limits], try_message
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
