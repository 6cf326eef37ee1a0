"""What watches.toml may contain, who can read it, and what its errors say."""

import datetime as dt
from dataclasses import replace

import pytest

from lindero.app.text import i18n
from lindero.layers.errors import OutsideError, UnreadableManifestError, WatchError
from lindero.layers.watch import watch_values
from lindero.layers.watch.watches_file import (
    WATCHES,
    Watch,
    find_watch,
    read_mail_settings,
    read_watches,
    remove_watch,
    save_watch,
)

TINGO = Watch(
    "El Tingo",
    ("community/communities/12", "holder/Minera Ñ S.A.", "polygon"),
    "POLYGON ((-78 -7, -77 -7, -77 -6, -78 -7))",
    ("new", "gone"),
    "monthly",
    "en",
    "email:ana@example.org",
    "sms",
    dt.date(2026, 1, 5),
    dt.date(2026, 2, 6),
)


def write(folder, text):
    folder.joinpath(WATCHES).write_text(text, encoding="utf-8")


def test_a_watch_reads_back_as_saved(tmp_path):
    save_watch(tmp_path, TINGO)
    assert read_watches(tmp_path) == (TINGO,)


def test_only_the_owner_reads_the_file_also_if_it_was_written_by_hand(tmp_path):
    save_watch(tmp_path, TINGO)
    assert tmp_path.joinpath(WATCHES).stat().st_mode & 0o777 == 0o600
    tmp_path.joinpath(WATCHES).chmod(0o644)
    read_watches(tmp_path)
    assert tmp_path.joinpath(WATCHES).stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.new")) + list(tmp_path.glob(".*.new"))


def test_comments_settings_and_other_watches_stay(tmp_path):
    write(
        tmp_path,
        '# ours\n[mail]\nserver = "mail.example.org" # the old one\nsender = "map@example.org"\n\n'
        '[[watch]]\nname = "First" # of all\nareas = ["region/PE-CAJ"]\n',
    )
    save_watch(tmp_path, TINGO)
    save_watch(tmp_path, replace(find_watch(tmp_path, "first"), frequency="monthly"))
    remove_watch(tmp_path, "el tingo")
    text = tmp_path.joinpath(WATCHES).read_text(encoding="utf-8")
    assert text.count("#") == 3
    assert "Tingo" not in text
    assert [(watch.name, watch.frequency) for watch in read_watches(tmp_path)] == [("First", "monthly")]
    assert read_mail_settings(tmp_path).server == "mail.example.org"


def test_a_replaced_watch_loses_what_it_no_longer_has(tmp_path):
    save_watch(tmp_path, TINGO)
    plain = Watch("EL TINGO", ("community/communities/12",))
    save_watch(tmp_path, plain)
    assert read_watches(tmp_path) == (plain,)


def test_the_last_watch_can_be_removed_and_one_added_again(tmp_path):
    save_watch(tmp_path, TINGO)
    remove_watch(tmp_path, "El Tingo")
    save_watch(tmp_path, TINGO)
    assert read_watches(tmp_path) == (TINGO,)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", '""'),
        ("name", '"¿?"'),
        ("name", '"a\\nb"'),
        ("areas", "[]"),
        ("areas", '["El Tingo"]'),
        ("areas", '["community/"]'),
        ("areas", '"community/1"'),
        ("polygon", '"POINT (1 2)"'),
        ("polygon", '"POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"'),
        ("polygon", '"POLYGON ((0 0, 200 0, 200 1, 0 0))"'),
        ("polygon", '"POLYGON ((0 0, 1 0, 1 1, 0 0))"'),  # but not in the areas
        ("kinds", '["news"]'),
        ("frequency", '"daily"'),
        ("language", '"xx"'),
        ("channel", '"ana@example.org"'),
        ("channel", '"email:ana"'),
        ("channel", '"email:ana@example.org\\nBcc: x@example.org"'),
        ("channel", '"comapeo://[archive"'),
        ("channel", '"comapeo://?shape=point"'),
        ("channel", '"comapeo://archive.example.org?shape=circle"'),
        ("channel", '"comapeo://archive.example.org?token_file=~nobody-here/token"'),
        ("form", '"fax"'),
        ("created_on", '"2026-01-05"'),
        ("confirmed_on", "2026-01-05T10:00:00"),
        ("chanel", '"folder"'),
    ],
)
def test_an_invalid_value_is_refused_with_file_line_key_and_remedy_and_neither_value_nor_name(tmp_path, key, value):
    values = {"name": '"El Tingo"', "areas": '["community/1"]'} | {key: value}
    first = '[[watch]]\nname = "First"\nareas = ["region/PE-CAJ"]\n\n'
    write(tmp_path, first + "[[watch]]\n" + "".join(f"{name} = {text}\n" for name, text in values.items()))
    with pytest.raises(WatchError) as refused:
        read_watches(tmp_path)
    message = str(refused.value)
    assert all(part in message for part in (WATCHES, "line 5", key, "write"))
    assert "Tingo" not in message
    assert "ana" not in message
    with pytest.raises(WatchError):
        save_watch(tmp_path, TINGO)  # a person mends the file first


def test_names_that_share_a_folder_are_refused(tmp_path):
    write(
        tmp_path, "".join(f'[[watch]]\nname = "{name}"\nareas = ["community/1"]\n' for name in ("El Tingo", "el-tíngo"))
    )
    with pytest.raises(WatchError, match="change one of them: 1, 4") as refused:
        read_watches(tmp_path)
    assert "tingo" not in str(refused.value).lower()


def test_an_invalid_watch_is_not_saved(tmp_path):
    save_watch(tmp_path, TINGO)
    with pytest.raises(WatchError, match="frequency"):
        save_watch(tmp_path, replace(TINGO, frequency="daily"))
    assert read_watches(tmp_path) == (TINGO,)


def test_a_missing_watch_is_named_with_those_that_exist(tmp_path):
    with pytest.raises(WatchError, match="lindero watch add"):
        find_watch(tmp_path, "Tingo")
    save_watch(tmp_path, TINGO)
    with pytest.raises(WatchError, match="there are: El Tingo"):
        remove_watch(tmp_path, "Tingo")


@pytest.mark.parametrize("text", ["[[watch]\n", "[watch]\nname = 'a'\n", "watch = [1]\n", "mail = 3\n"])
def test_a_file_of_another_shape_is_refused(tmp_path, text):
    write(tmp_path, text)
    with pytest.raises((WatchError, UnreadableManifestError), match=WATCHES):
        assert read_watches(tmp_path) is read_mail_settings(tmp_path)


def test_a_link_out_of_the_workspace_is_not_followed(tmp_path):
    tmp_path.joinpath("elsewhere.toml").write_text("")
    folder = tmp_path / "space"
    folder.mkdir()
    folder.joinpath(WATCHES).symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(OutsideError):
        read_watches(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("server", '""'),
        ("sender", '"map"'),
        ("port", '"587"'),
        ("port", "0"),
        ("security", '"ssl"'),
        ("password", '"s3cret"'),  # it belongs into a file of its own
        ("password_file", '"s3cret"'),
        ("password_file", '"~nobody-here/s3cret"'),
    ],
)
def test_invalid_mail_settings_are_refused_without_the_password(tmp_path, key, value):
    values = {"server": '"mail.example.org"', "sender": '"map@example.org"'} | {key: value}
    write(tmp_path, "[mail]\n" + "".join(f"{name} = {text}\n" for name, text in values.items()))
    with pytest.raises(WatchError, match=key) as refused:
        read_mail_settings(tmp_path)
    assert "s3cret" not in str(refused.value)
    assert "[mail]" in str(refused.value)


def test_secrets_are_not_in_a_traceback():
    assert "ana" not in repr(TINGO)
    assert "-78" not in repr(TINGO)


def test_the_languages_are_those_of_the_program():
    assert set(watch_values.LANGUAGES) == set(i18n.languages(i18n.DIGEST))
