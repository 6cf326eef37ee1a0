import re
import string

from hypothesis import given
from hypothesis import strategies as st

from app.wording.text import plain


@given(st.text(alphabet=string.printable))
def test_no_sign_of_markdown_keeps_its_meaning(text):
    assert re.fullmatch(r"(?:\\.|[^\W_]|\s)*", plain(text))


@given(st.text(alphabet=string.printable))
def test_the_text_itself_is_kept(text):
    assert re.sub(r"\\(.)", r"\1", plain(text)) == " ".join(text.split())


def test_words_stay_as_they_are():
    assert plain("Ñawirutambo – 7") == "Ñawirutambo – 7"
