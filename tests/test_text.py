import re
import string

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from app import told
from app.text import plain


@given(st.text(alphabet=string.printable))
def test_no_sign_of_markdown_keeps_its_meaning(text):
    assert re.fullmatch(r"(?:\\.|[^\W_]|\s)*", plain(text))


@given(st.text(alphabet=string.printable))
def test_the_text_itself_is_kept(text):
    assert re.sub(r"\\(.)", r"\1", plain(text)) == " ".join(text.split())


def test_words_stay_as_they_are():
    assert plain("Ñawirutambo – 7") == "Ñawirutambo – 7"


@given(st.lists(st.text(min_size=1, max_size=90), max_size=6))
def test_what_is_sent_by_sms_fits_into_one(names):
    found = pd.DataFrame({"layer": "concessions", "holder": names, "name": names, "distance_m": 0.0})

    assert len(told.sms(found, -12.07, -75.21)) <= 160
