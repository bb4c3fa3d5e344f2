"""What is safe to show, what lines up, and what JSON looks like."""

from __future__ import annotations

import io
import json

import pytest

from faceward.cli.output import Output, aligned, as_json, counted, file_name, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Zoë 日本.jpg", "Zoë 日本.jpg"),
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("line\nbreak\ttab", "line\\nbreak\\ttab"),
        ("turn\u202egpj.exe", "turn\\u202egpj.exe"),
        ("byte\udcff", "byte\\xff"),
    ],
)
def test_nothing_from_outside_can_command_a_terminal(text, shown):
    """Names of files may hold escapes, line breaks, turns of direction and bytes that are no text."""
    assert printable(text) == shown


def test_a_name_is_text_whatever_the_locale():
    """Bytes that are UTF-8 are read as that; others survive."""
    assert file_name("Zoë.jpg") == "Zoë.jpg"
    assert file_name("bad\udcff.png") == "bad\udcff.png"


def test_json_is_ascii_on_one_line():
    """It passes any pipe, and one document is one line even where a name has line breaks."""
    text = as_json({"path": "Zoë\n\udcff"})
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == {"path": "Zoë\n\udcff"}


def test_json_refuses_what_json_has_not():
    with pytest.raises(ValueError, match="JSON"):
        as_json({"score": float("nan")})


def test_columns_line_up_whatever_is_in_them():
    """Numbers to the right; wide signs count as two."""
    lines = aligned((">n", "name", "end"), [("1", "日本", "x"), ("10", "Zoë", "y")])
    assert lines == [" n  name  end", " 1  日本  x", "10  Zoë   y"]


def test_one_thing_has_no_plural():
    assert (counted(0, "face"), counted(1, "face"), counted(1200, "face")) == (
        "0 faces",
        "1 face",
        "1,200 faces",
    )


def test_an_ascii_terminal_gets_numbers_for_what_it_cannot_show():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Output(stdout=stream).line("3 × 4")
    stream.seek(0)
    assert stream.read() == "3 \\xd7 4\n"


def test_where_programs_read_there_is_json_alone():
    out = Output(True, stdout=io.StringIO(), stderr=io.StringIO())
    out.line("words")
    out.note("more words")
    out.document({"a": 1})
    assert out.stdout.getvalue() == '{"a":1}\n'
    assert not out.stderr.getvalue()


def test_quiet_leaves_results_and_errors():
    out = Output(quiet=True, stdout=io.StringIO(), stderr=io.StringIO())
    out.note("a note")
    out.line("a result")
    out.complaint(("an error",))
    assert (out.stdout.getvalue(), out.stderr.getvalue()) == ("a result\n", "an error\n")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_only_where_a_person_watches():
    """On a terminal, for more than one thing; never into a file, and never in JSON."""
    shown = []
    for out in (
        Output(stderr=_Terminal()),
        Output(stderr=io.StringIO()),
        Output(json=True, stderr=_Terminal()),
        Output(quiet=True, stderr=_Terminal()),
    ):
        with out.progress("Looking", 3) as progress:
            for _ in range(3):
                progress.advance()
        shown.append("Looking" in out.stderr.getvalue())
    assert shown == [True, False, False, False]


def test_lines_go_above_the_bar_on_one_screen_and_past_it_into_a_file():
    """A bar must not eat results, and results must not tear a bar."""
    screen = _Terminal()
    both, apart = Output(stdout=screen, stderr=screen), Output(stdout=io.StringIO(), stderr=_Terminal())
    for out in (both, apart):
        with out.progress("Looking", 2) as progress:
            out.line("a [bold]result[/] 3")
            progress.advance()
    assert "a [bold]result[/] 3\n" in screen.getvalue().replace("\x1b[0m", "")
    assert apart.stdout.getvalue() == "a [bold]result[/] 3\n"
    assert "result" not in apart.stderr.getvalue()
