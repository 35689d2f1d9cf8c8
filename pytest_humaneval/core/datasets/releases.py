"""The released datasets that a name stands for: what their files are called, where they are published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """A published dataset file.

    Attributes:
        name: what users call the dataset.
        file_names: what its files are called, without version and endings.
        content_sha256: SHA-256 (hex) of the uncompressed content.
        url: where the file is published.
        size_bytes: its size there.
        version: the version; empty where there are none.
        override: environment variable by which evalplus finds a file of it; empty where there is none.
        sha256: SHA-256 (hex) of the file as it is published there; empty where that is the content itself.
    """

    name: str
    file_names: tuple[str, ...]
    content_sha256: str
    url: str
    size_bytes: int
    version: str = ""
    override: str = ""
    sha256: str = ""


_GITHUB, _RAW = "https://github.com", "https://raw.githubusercontent.com"
_OCTOPACK = f"{_RAW}/bigcode-project/octopack/526627ac7b6b6ec1a2b19a20822fbcf16be35162"

_RELEASES = (
    Release(
        "humaneval+",
        ("HumanEvalPlus",),
        "42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
        f"{_GITHUB}/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
        925_932,
        "0.1.10",
        "HUMANEVAL_OVERRIDE_PATH",
        "272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101",
    ),
    Release(
        "mbpp",
        ("mbpp",),
        "ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
        f"{_RAW}/google-research/google-research/master/mbpp/mbpp.jsonl",
        563_743,
    ),
    Release(
        "mbpp-sanitized",
        ("sanitized-mbpp",),
        "8ac32b2799150228e2d745aed09c870b7e4444246d4727d1004576207ef40769",
        f"{_RAW}/google-research/google-research/master/mbpp/sanitized-mbpp.json",
        278_372,
    ),
    Release(
        "mbpp+",
        ("MbppPlus",),
        "b54e762755248ca411b523c917fa9f93c07b5ff2966bf60b3917b853926a3dad",
        f"{_GITHUB}/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
        336_032,
        "0.2.0",
        "MBPP_OVERRIDE_PATH",
        "af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63",
    ),
    Release(
        "humanevalfix",
        ("humanevalpack-python", "humanevalpack"),
        "b1376d72be4bd016a62ad043d9de3846edb8d63edf1222da802a31330c14c3a7",
        f"{_OCTOPACK}/evaluation/create/humaneval-x/data/python/data/humanevalpack.jsonl",
        537_907,
    ),
    Release(
        "infilling",
        ("HumanEval-SingleLineInfilling",),
        "6fffc71ec2f1674372fcc177511f92312f1a27a9eacd8e43255c9f5ee9eca8c8",
        f"{_RAW}/openai/human-eval-infilling/master/data/HumanEval-SingleLineInfilling.jsonl.gz",
        75_058,
        sha256="1277073e7ddce163ef68598c2bca777f688a53df99422f097e37362090f88e1f",
    ),
)

RELEASES: Mapping[str, Release] = {release.name: release for release in _RELEASES}
"""The datasets that are not in a package, by name."""


def release_of(sha256: str) -> Release | None:
    """Return the release whose uncompressed content has this SHA-256 (hex); None if none has."""
    return next((each for each in _RELEASES if each.content_sha256 == sha256), None)
