"""The first steps in other countries are typed line by line, and answer what their pages quote."""

import re
import shutil
from pathlib import Path

import pytest

from lindero.layers.reference.packs import FOLDER
from tests.amount import amount

ROOT = Path(__file__).parents[2]
LANGUAGES = {"co": "es", "br": "pt", "cd": "en"}  # of the terminal
BLOCK = re.compile(r"```sh\n(.*?)```\n((?:\n(?:> [^\n]*\n)+)?)", flags=re.DOTALL)
SEPARATOR = "@@@"


def join_words(text):
    return " ".join(text.split())


def read_blocks(country):
    """Return the commands of each block of a page, and the parts of the answer that it quotes."""
    page = ROOT.joinpath("docs", f"first-steps-{country}.md").read_text(encoding="utf-8")
    return [
        (commands, [part for part in map(join_words, quote.replace("\n> ", " ").split("…")) if part])
        for commands, quote in BLOCK.findall(page)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("country", amount(["co"], [*LANGUAGES]))
def test_the_first_steps_of_a_country_answer_what_the_page_quotes(tmp_path, country, shell):
    clone = tmp_path / "clone"
    samples = FOLDER / country / "samples"
    shutil.copytree(samples, clone / samples.relative_to(ROOT))
    blocks = read_blocks(country)

    lines = f"\necho {SEPARATOR}\n".join(commands for commands, _ in blocks)
    answers = shell(f"exec 2>&1\n{lines}", clone, LANGUAGES[country]).split(SEPARATOR)

    assert len(answers) == len(blocks)
    for (commands, parts), answer in zip(blocks, map(join_words, answers), strict=True):
        assert [part for part in parts if part not in answer] == [], commands


@pytest.mark.parametrize("country", LANGUAGES)
def test_the_page_of_a_country_is_short_and_quotes_answers(country):
    page = ROOT.joinpath("docs", f"first-steps-{country}.md").read_text(encoding="utf-8")

    assert len(page.splitlines()) <= 70
    assert sum(bool(parts) for _, parts in read_blocks(country)) == 3
