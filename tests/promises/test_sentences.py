"""
docs/safety.md says nothing that no test holds: each of its sentences stands in `sentences.toml` with the tests that hold it.

A sentence is known by how it begins. What explains, defines or advises, and so promises nothing, is listed there as such.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAFETY = ROOT / "docs" / "safety.md"
LISTED = Path(__file__).with_name("sentences.toml")
PROMISES_NOTHING = {"What is not promised", "How to report a leak"}
END = re.compile(r"(?<=[.?!:])\*{0,2}\s+(?=[*`(]*[A-Z\d`*])")


def sentences(text):
    """Every sentence of the sections that promise, a row of a table as one; of code blocks nothing."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        title, _, body = section.partition("\n")
        if title in PROMISES_NOTHING:
            continue
        for block in re.split(r"\n\s*\n|\n(?=- |\|)", body):
            line = " ".join(block.split()).removeprefix("- ")
            if line.startswith("|"):
                if not re.fullmatch(r"[|\s-]+", line):
                    yield line
            elif line:
                yield from (part.strip() for part in END.split(line) if part.strip())


def listed():
    return tomllib.loads(LISTED.read_text("utf-8"))


def of_table(row):
    """The tests that a row of the table of promises names."""
    return re.findall(r"`(tests/[\w/.-]+)`", row)


def every_test():
    """Every test there is, as pytest names it without its cases."""
    return {
        f"{path.relative_to(ROOT).as_posix()}::{name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), flags=re.MULTILINE)
    }


def unlisted(told, known):
    """Sentences that no beginning fits, or more than one."""
    return [one for one in told if sum(one.startswith(begin) for begin in known) != 1 and not of_table(one)]


def test_every_sentence_is_held_by_tests_or_promises_nothing():
    told = [*sentences(SAFETY.read_text("utf-8"))]
    known = [*listed()["explains"], *(one["sentence"] for one in listed()["held"])]

    assert unlisted(told, known) == []
    assert [begin for begin in known if not any(one.startswith(begin) for one in told)] == []
    assert [begin for begin, count in Counter(known).items() if count > 1] == []
    assert len(listed()["held"]) > 3 * len(listed()["explains"])


def test_every_test_that_is_named_is_there():
    named = {name for one in listed()["held"] for name in one["tests"]}
    files = {name for row in sentences(SAFETY.read_text("utf-8")) for name in of_table(row)}

    assert all(one["tests"] for one in listed()["held"])
    assert named - every_test() == set()
    assert {name for name in files if not (ROOT / name).exists()} == set()


def test_a_sentence_that_is_new_or_begins_otherwise_is_found():
    text = SAFETY.read_text("utf-8").replace("A wrong key says so", "No key says so")
    text = text.replace("## The vault\n", "## The vault\n\nNothing can ever go wrong. It is safe.\n")
    known = [*listed()["explains"], *(one["sentence"] for one in listed()["held"])]

    found = unlisted(sentences(text), known)
    assert [one.split(".")[0] for one in found[:2]] == ["Nothing can ever go wrong", "It is safe"]
    assert found[2].startswith("No key says so")
