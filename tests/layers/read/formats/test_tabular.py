import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.layers.errors import SourceError
from lindero.layers.read.formats.tables import read_csv
from lindero.layers.read.formats.workbook import read_xlsx
from lindero.layers.read.reader import read
from tests.files import text

PEOPLE = (
    "código;nombre;año\n1;Peñón Ñandú;1998\n2;Comunidad de Huánuco, según acta;2001\n3;Señor de los Milagros;2003\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "mac_roman", "utf-16"])
def test_letters_survive_whatever_the_encoding(tmp_path, encoding):
    rows = read(text(tmp_path / "a.csv", PEOPLE, encoding=encoding)).rows

    assert list(rows.columns) == ["código", "nombre", "año"]
    assert rows["nombre"].tolist() == ["Peñón Ñandú", "Comunidad de Huánuco, según acta", "Señor de los Milagros"]


def test_the_user_may_name_the_encoding(tmp_path):
    path = text(tmp_path / "a.csv", PEOPLE, encoding="cp850")

    assert read(path, encoding="cp850").rows["nombre"].iloc[0] == "Peñón Ñandú"


@pytest.mark.parametrize("encoding", ["ascii", "klingon"])
def test_an_encoding_that_does_not_fit_is_refused(tmp_path, encoding):
    with pytest.raises(SourceError, match=f"cannot be decoded as {encoding}"):
        read_csv(text(tmp_path / "a.csv", PEOPLE), encoding=encoding)


def test_rows_that_do_not_fit_the_header_are_rejected_with_their_numbers(tmp_path):
    path = text(tmp_path / "a.csv", "a,b\n1,2\n1,2,3\n4,5\n6\n")
    received = read(path)

    assert received.rows.index.tolist() == [1, 3]
    assert received.account.rejects["row"].tolist() == [2, 4]
    assert received.account.rejects["received"].tolist() == ["1, 2, 3", "6"]
    assert received.row_count == 4


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(tmp_path, delimiter):
    path = text(tmp_path / "a.csv", f"a{delimiter}b\n1,5{delimiter}2\n" if delimiter != "," else "a,b\n1.5,2\n")

    assert read_csv(path, encoding=None).columns == ["a", "b"]


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    received = read(text(tmp_path / "a.csv", "a,b\n"))

    assert received.row_count == 0
    assert list(received.rows.columns) == ["a", "b"]


def test_quotes_hold_delimiters_and_line_breaks(tmp_path):
    table = read_csv(text(tmp_path / "a.csv", 'a,b\n"uno,\ndos ""tres""",2\n'), encoding=None)

    assert table.rows == {1: ['uno,\ndos "tres"', "2"]}
    assert not table.rejects


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n"])
def test_a_byte_order_mark_alone_is_an_empty_file(tmp_path, raw):
    tmp_path.joinpath("a.csv").write_bytes(raw)

    with pytest.raises(SourceError, match="is empty"):
        read(tmp_path / "a.csv")


def test_fields_of_one_name_are_told_apart(tmp_path):
    rows = read(text(tmp_path / "a.csv", "a,a,b\n1,2,3\n")).rows

    assert rows.to_dict("records") == [{"a": "1", "a 2": "2", "b": "3"}]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1).filter(str.strip)


@given(table=st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5))
def test_quoted_cells_come_out_as_they_went_in(tmp_path_factory, table):
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    path = text(tmp_path_factory.mktemp("csv") / "a.csv", "\n".join(["a,b", *lines]))

    got = read_csv(path, encoding="utf-8")

    assert not got.rejects
    assert list(got.rows.values()) == table


def book(path, **sheets):
    made = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def test_a_sheet_gives_numbers_and_text_as_they_are(tmp_path):
    rows = read(book(tmp_path / "a.xlsx", hoja=[["code", "name"], [7, "Ñandú"], [None, "x"]])).rows

    assert rows.index.tolist() == [1, 2]
    assert rows["code"].tolist() == [7, None]
    assert rows["name"].tolist() == ["Ñandú", "x"]


def test_cells_beyond_the_header_get_a_name(tmp_path):
    table = read_xlsx(book(tmp_path / "a.xlsx", hoja=[["a"], [1, 2], [3]]), sheet=None)

    assert (table.columns, table.rows) == (["a", "column 2"], {1: [1, 2], 2: [3, None]})


def test_several_filled_sheets_need_a_name(tmp_path):
    path = book(tmp_path / "a.xlsx", uno=[["a"], [1]], vacia=[], dos=[["b"], [2]])

    with pytest.raises(SourceError, match="2 sheets with rows: uno, dos; choose one with --sublayer"):
        read_xlsx(path, sheet=None)
    assert read_xlsx(path, sheet="dos").rows == {1: [2]}
