import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.app.text.escape import escape_markdown, format_code, to_file_name

JOINER = "\u2060"  # is not seen


@given(st.text(alphabet=string.printable))
def test_no_sign_of_markdown_keeps_its_meaning(text):
    assert re.fullmatch(rf"(?:\\.|[^\W_]|\s|{JOINER})*", escape_markdown(text))


@given(st.text(alphabet=string.printable))
def test_the_text_itself_is_kept(text):
    assert re.sub(r"\\(.)", r"\1", escape_markdown(text)).replace(JOINER, "") == " ".join(text.split())


@pytest.mark.parametrize("address", ["http://example.org", "HTTPS://example.org", "www.example.org", "me@example.org"])
def test_an_address_is_broken_where_streamlit_would_make_a_link_of_it(address):
    parts = re.split(JOINER, re.sub(r"\\(.)", r"\1", escape_markdown(f"see {address}")))

    assert len(parts) == 2
    assert not any(re.search(r"https?://|www\.|@\w", part, re.IGNORECASE) for part in parts)


def test_words_stay_as_they_are():
    assert escape_markdown("Ñawirutambo – 7") == "Ñawirutambo – 7"


@pytest.mark.parametrize(
    ("text", "written"), [("c-campesina", "`c-campesina`"), ("a`b", "`` a`b ``"), ("a\n b", "`a b`")]
)
def test_what_is_to_be_typed_is_written_to_the_letter(text, written):
    assert format_code(text) == written


@pytest.mark.parametrize("text", ["«…»", "", "../../x", "Ñ" * 300, "a/b\\c:d"])
def test_a_name_of_strangers_makes_the_name_of_a_file(text, tmp_path):
    name = to_file_name(text)

    assert name
    assert (tmp_path / f"{name}-concessions.pdf").write_bytes(b"") == 0
    assert [one.name for one in tmp_path.iterdir()] == [f"{name}-concessions.pdf"]
