"""Tests that share a server, or a publication, run in one process: it is started, or made, once."""

import pytest

from tests.shared_out import scope


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/browser/test_pages.py", "tests/browser/test_tables.py"),
        ("tests/browser/test_map.py", "tests/browser/test_links.py"),
        ("tests/promises/test_releases.py", "tests/promises/test_canaries.py"),
        ("tests/promises/test_site.py", "tests/browser/test_dossier_page.py"),
        ("tests/whole/test_notebooks.py", "tests/whole/test_first_steps.py"),
        ("tests/whole/test_notebooks.py", "tests/whole/test_readme.py"),
    ],
)
def test_files_that_ask_for_the_same_are_run_by_one(one, other):
    assert scope(one) == scope(other)
    assert scope(one) != one


def test_each_other_file_is_shared_out_by_itself():
    assert scope("tests/browser/test_pages.py") != scope("tests/browser/test_map.py")
    for alone in ("tests/browser/test_own_background.py", "tests/geo/kernels/test_shared_area.py"):
        assert scope(alone) == alone
