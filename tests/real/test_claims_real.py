"""No sentence about Peru's own files is stronger than their rows; the rules are those of `tests/claim_rules.py`."""

import pytest

from lindero.app.media.pages.current import open_map
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from tests.claim_rules import find_fault
from tests.claim_truth import Truth
from tests.every_answer import list_questions
from tests.real.plans import operator_space
from tests.whole.test_no_stronger_claims import PAGES, find_faults, listen_to_page

ASKED = {"El Tingo": "MINERA YANACOCHA S.R.L."}


@pytest.mark.slow
@pytest.mark.parametrize("name", ASKED)
def test_no_sentence_about_real_files_is_stronger_than_its_rows(tmp_path_factory, name):
    i18n.set_language("en")
    folder = operator_space(tmp_path_factory).build_folder
    open_map.use_folder(folder)
    con = map_database.connect(builds.current_map(folder), spatial=True)
    (land,) = con.execute("SELECT id FROM communities WHERE name = ? ORDER BY id LIMIT 1", [name]).fetchone()
    holder = con.execute("SELECT holder FROM concessions WHERE holder = ? LIMIT 1", [ASKED[name]]).fetchone()

    questions = list(list_questions(con, land, holder=ASKED[name]))
    asked = {question.name: question for question in questions}
    truth = Truth(con)

    assert holder is not None
    assert find_faults(con, questions) == []
    said = ((page, one) for page in PAGES for one in listen_to_page(page, land, asked.get(page)))
    assert [f"{page}: {fault}" for page, one in said if (fault := find_fault(truth, one))] == []
