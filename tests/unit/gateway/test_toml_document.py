"""TOML read strictly: each mistake with its line, and never with its value."""

from pathlib import Path

import pytest
from gateway.toml_document import Document, DocumentError, Table, line_of

TEXT = '''\
# a comment

title = "x"  # line 3
list = [
  "a",  # [not.a.table]
  "b",
]
prose = """
title = "in a text"
"""

[table]
key = 1

[table."quoted.name"]
a.b.c = { d = 1, e = "x\u2028y" }

[ other . dotted ]
'single' = true
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("title", 3),
        ("list", 4),
        ("prose", 8),
        ("table", 12),
        ("table key", 13),
        ("table quoted.name", 15),
        ("table quoted.name a", 16),
        ("table quoted.name a b c e", 16),
        ("other", 18),
        ("other dotted", 18),
        ("other dotted single", 19),
    ],
)
def test_the_line_of_a_key(keys: str, line: int) -> None:
    assert line_of(TEXT, tuple(keys.split())) == line


def test_the_document_itself_begins_on_its_first_line() -> None:
    assert line_of(TEXT, ()) == 1


def document(tmp_path: Path, text: str) -> Document:
    file = tmp_path / "file.toml"
    file.write_text(text, encoding="utf-8", newline="")
    return Document(file)


def mistakes(tmp_path: Path, document: Document) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        document.finish()
    return str(refused.value).replace(f"{tmp_path}/", "").split("\n")


def test_what_is_right_is_read(tmp_path: Path) -> None:
    text = """
        text = "a"
        texts = ["a", "b"]
        one = "a"
        flag = false
        count = 7
        whole = 2
        part = 0.5
        word = "b"
        words = ["c", "a"]
        table = { text = "t" }
        tables = { x = { count = 1 }, y = { count = 2 } }
    """
    read = document(tmp_path, text)
    root = read.root
    assert root.text("text") == "a"
    assert root.texts("texts") == ("a", "b")
    assert root.texts("one", or_one=True) == ("a",)
    assert root.flag("flag") is False
    assert root.count("count") == 7
    assert (root.amount("whole"), root.amount("part")) == (2.0, 0.5)
    assert root.choice("word", ["a", "b"]) == "b"
    assert root.choices("words", ["a", "b", "c"]) == ("a", "c")
    assert root.table("table").text("text") == "t"
    assert [(table.name, table.count("count")) for table in root.table("tables").tables()] == [("x", 1), ("y", 2)]
    root.end()
    read.finish()


def test_what_is_absent_is_none(tmp_path: Path) -> None:
    root = document(tmp_path, "").root
    absent = (root.text("a"), root.texts("a"), root.texts("a", or_one=True), root.flag("a"), root.count("a"))
    assert absent == (None,) * 5
    assert (root.amount("a"), root.choice("a", "b"), root.choices("a", "b"), list(root.table("a"))) == (
        None,
        None,
        None,
        [],
    )


def read_all(root: Table) -> None:
    root.text("text")
    root.texts("texts")
    root.texts("one_or_more", or_one=True)
    root.flag("flag")
    root.count("count")
    root.amount("amount")
    root.choice("word", ["a", "b"])
    root.choices("words", ["a", "b"])
    list(root.table("tables").tables())
    root.end()


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("text = 1", "text: must be a text"),
        ("text = ''", "text: must not be empty"),
        ("text.dotted = 'sk-secret'", "text: must be a text; a key with a dot in it stands in quotes"),
        ("texts = 'a'", "texts: must be a list of texts"),
        ("texts = [1]", "texts: must hold texts only, none of them empty"),
        ("texts = [' ']", "texts: must hold texts only, none of them empty"),
        ("one_or_more = 1", "one_or_more: must be a text or a list of texts"),
        ("one_or_more = ''", "one_or_more: must not be empty"),
        ("flag = 'true'", "flag: must be true or false"),
        ("flag = 1", "flag: must be true or false"),
        ("count = true", "count: must be a whole number"),
        ("count = 1.0", "count: must be a whole number"),
        ("count = 0", "count: must be 1 or more"),
        ("amount = '1'", "amount: must be a number"),
        ("amount = true", "amount: must be a number"),
        ("amount = -1", "amount: must be 0 or more"),
        ("amount = nan", "amount: must be 0 or more"),
        ("amount = inf", "amount: must be 0 or more"),
        ("word = 'sk-secret'", "word: must be one of a, b"),
        ("words = ['a', 'sk-secret']", "words: may hold a, b"),
        ("tables = 1", "tables: must be a table"),
        ("tables = { x = 'sk-secret' }", "tables.x: must be a table"),
        (
            "other = 'sk-secret'",
            "other: is not known here; known are text, texts, one_or_more, flag, count, amount, word, words, tables",
        ),
    ],
)
def test_what_is_wrong_is_told_without_its_value(tmp_path: Path, line: str, mistake: str) -> None:
    read = document(tmp_path, f"\n\n{line}\n")
    read_all(read.root)
    assert mistakes(tmp_path, read) == [f"file.toml:3: {mistake}"]


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    read = document(tmp_path, "# a\r\n\r\ntext = 1\r\n")
    read_all(read.root)
    assert mistakes(tmp_path, read) == ["file.toml:3: text: must be a text"]


def test_all_mistakes_are_told_in_the_order_of_their_lines(tmp_path: Path) -> None:
    read = document(tmp_path, "zeal = 1\ncount = 'x'\n[tables]\nx = 1\ntext = 1\n")
    read.root.mistake(None, "is not enough")
    read_all(read.root)
    assert [mistake.partition(": must")[0].partition(": is")[0] for mistake in mistakes(tmp_path, read)] == [
        "file.toml:1",
        "file.toml:1: zeal",
        "file.toml:2: count",
        "file.toml:4: tables.x",
        "file.toml:5: tables.text",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a = 1\nb 2\n",
            "file.toml:2: is not TOML: Expected '=' after a key in a key/value pair (at line 2, column 3)",
        ),
        ("a = 1\na = 2\n", "file.toml:2: is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        ("a = [\n", "file.toml:2: is not TOML: Invalid value (at end of document)"),
    ],
)
def test_what_is_no_toml(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DocumentError) as refused:
        document(tmp_path, text)
    assert str(refused.value) == f"{tmp_path}/{message}"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"name = '\xe9'")
    with pytest.raises(DocumentError, match=r"none: cannot be read: No such file or directory$"):
        Document(tmp_path / "none")
    with pytest.raises(DocumentError, match=r"latin: cannot be read: it is not UTF-8$"):
        Document(tmp_path / "latin")
