from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from fake_corrector import BAD, GOOD, FakeCorrector, Invoke, Loader, put
from word_files import docx, paragraph, run, unzipped

from mtfix.documents.formats import open_document
from mtfix.errors import ModelError


def to_dict(text: str) -> dict[str, object]:
    return FakeCorrector().fix(text).to_dict()


def test_standard_input_comes_back_byte_for_byte(mtfix_run: Invoke) -> None:
    for arguments in (["fix"], ["fix", "-"]):
        result = mtfix_run(*arguments, stdin=BAD.encode())
        assert result.exit_code == 0
        assert result.stdout_bytes == GOOD.encode()
        assert result.stderr == ""


def test_files_come_in_the_order_given(mtfix_run: Invoke) -> None:
    put("b.txt", "\ufeffb final\r\n")
    put("a.txt", "a")
    result = mtfix_run("fix", "b.txt", "-", "a.txt", stdin="\r\nfinal é\r")
    assert result.stdout_bytes == "\ufeffb late\r\n\r\nlate é\ra".encode()


def test_a_terminal_without_files_is_a_usage_error(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    import mtfix.cli.inputs as inputs

    class Terminal:
        stdin = type("Stdin", (), {"isatty": lambda _: True})()

    monkeypatch.setattr(inputs, "sys", Terminal)
    result = mtfix_run("fix")
    assert result.exit_code == 2
    assert result.stderr == (
        "mtfix: error: no input: name files to read, or pipe text in, as in `mtfix fix < article.txt`.\n"
    )


def test_diff(mtfix_run: Invoke) -> None:
    put("a.txt", BAD)
    put("b.txt", "victims\n")
    put("c.txt", "Fine.\n")
    result = mtfix_run("fix", "--diff", "a.txt", "b.txt", "c.txt")
    assert result.exit_code == 0
    assert result.stdout == (
        "a.txt\n1: A [-final-]{+late+} father.\n2: He [?refused?].\n"
        "b.txt\n1: [?victims -> casualties?]\n"
        "1 edit in 1 of 5 lines; 1 suggestion not applied; 1 flagged without a fix\n"
    )


def test_diff_by_line_keeps_one_heading_and_the_numbers(mtfix_run: Invoke) -> None:
    put("a.txt", f"\n{BAD}")
    result = mtfix_run("fix", "--diff", "--lines", "-q", "a.txt")
    assert result.stdout == "a.txt\n2: A [-final-]{+late+} father.\n3: He [?refused?].\n"


@pytest.mark.parametrize(
    ("text", "summary", "code"),
    [
        (BAD, "1 edit in 1 of 3 lines; 1 flagged without a fix\n", 1),
        ("refused", "1 flagged without a fix in 1 line\n", 1),
        ("Fine.\n", "no findings in 1 line\n", 0),
        ("", "no findings in 0 lines\n", 0),
    ],
)
def test_check(mtfix_run: Invoke, text: str, summary: str, code: int) -> None:
    result = mtfix_run("fix", "--check", stdin=text)
    assert (result.stdout, result.stderr, result.exit_code) == (summary, "", code)
    result = mtfix_run("fix", "--check", "--quiet", stdin=text)
    assert (result.output, result.exit_code) == ("", code)


def test_check_with_a_format_keeps_standard_output_clean(mtfix_run: Invoke) -> None:
    result = mtfix_run("fix", "--check", "--format", "jsonl", stdin="final")
    assert json.loads(result.stdout) == {**to_dict("final"), "name": "<stdin>"}
    assert result.stderr == "mtfix: 1 edit in 1 of 1 line\n"
    assert result.exit_code == 1
    assert mtfix_run("fix", "--check", "--diff", stdin="final").exit_code == 1


def test_output_to_a_file(mtfix_run: Invoke) -> None:
    put("a.txt", BAD)
    result = mtfix_run("fix", "a.txt", "-o", "new.txt")
    assert (result.exit_code, result.output) == (0, "")
    assert Path("new.txt").read_bytes() == GOOD.encode()
    mtfix_run("fix", "-o", "report.html", "--format", "html", stdin=BAD)
    assert "<ins" in Path("report.html").read_text()
    mtfix_run("fix", "-o", "empty.txt", "--lines", stdin="")
    assert Path("empty.txt").read_bytes() == b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.txt", "-o", "./a.txt"], "--output a.txt is the input itself; to change a file in place use --write."),
        (["a.txt", "-o", "link.txt"], "--output link.txt is the input itself; to change a file in place use --write."),
        (["a.txt", "b.txt", "-o", "c"], "--output takes the result of one input, and there are 2."),
        (["a.txt", "-o", "none/c"], "--output none/c is not a file in an existing folder."),
        (["a.txt", "-o", "."], "--output . is not a file in an existing folder."),
        (["a.txt", "-o", "pipe"], "pipe: is not a regular file; name another output."),
        (
            ["a.txt", "-o", "/proc/c"],
            "/proc/c: cannot be written (No such file or directory); check the folder and its permissions.",
        ),
        (["--write"], "--write changes files and cannot change standard input; name files, or leave it out."),
        (["--write", "-"], "--write changes files and cannot change standard input; name files, or leave it out."),
        (["-", "-"], "standard input (-) can be read only once."),
        (["-w", "-o", "c", "a.txt"], "--write and --output do not go together; leave one of them out."),
        (["-w", "--format", "text", "a.txt"], "--write and --format do not go together; leave one of them out."),
        (["-w", "--check", "a.txt"], "--write and --check do not go together; leave one of them out."),
        (["-w", "--diff", "a.txt"], "--write and --diff do not go together; leave one of them out."),
        (["-o", "c", "--check", "a.txt"], "--output and --check do not go together; leave one of them out."),
        (["--diff", "--format", "json"], "--diff and --format do not go together; leave one of them out."),
    ],
)
def test_contradictions(mtfix_run: Invoke, loader: Loader, arguments: list[str], message: str) -> None:
    put("a.txt", "final")
    put("b.txt", "final")
    Path("link.txt").symlink_to("a.txt")
    os.mkfifo("pipe")
    result = mtfix_run("fix", *arguments, stdin="final")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"mtfix: error: {message}\n"
    assert loader.calls == []  # said before anything slow begins
    assert Path("a.txt").read_text() == "final"


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--format", "pdf"], ["text", "json", "jsonl", "html"]),
        (["--strictness", "mild"], ["conservative", "balanced", "aggressive"]),
        (["--threads", "-1"], ["0"]),
    ],
)
def test_unknown_values_list_the_known_ones(mtfix_run: Invoke, arguments: list[str], allowed: list[str]) -> None:
    result = mtfix_run("fix", *arguments, stdin="x")
    assert result.exit_code == 2
    assert all(value in result.stderr for value in allowed)


def test_json_is_one_value(mtfix_run: Invoke) -> None:
    put("a.txt", BAD)
    result = mtfix_run("fix", "--format", "json", "a.txt", "-", stdin="Fine – é")
    assert json.loads(result.stdout) == {
        "schema": 1,
        "documents": [{"name": "a.txt", **to_dict(BAD)}, {"name": "<stdin>", **to_dict("Fine – é")}],
    }
    assert "é" in result.stdout


def test_json_by_line_names_the_lines(mtfix_run: Invoke) -> None:
    documents = json.loads(mtfix_run("fix", "--format", "json", "--lines", stdin="a\r\nfinal").stdout)["documents"]
    assert documents == [{"name": "<stdin>:1", **to_dict("a")}, {"name": "<stdin>:2", **to_dict("final")}]
    assert json.loads(mtfix_run("fix", "--format", "json", "--lines", stdin="").stdout)["documents"] == []


def test_json_stays_whole_when_interrupted(mtfix_run: Invoke, loader: Loader) -> None:
    loader.corrector.failure = KeyboardInterrupt()
    result = mtfix_run("fix", "--format", "json", "--lines", stdin="final\nBOOM\n")
    assert result.exit_code == 130
    assert [each["corrected"] for each in json.loads(result.stdout)["documents"]] == ["late"]
    assert result.stderr == "mtfix: interrupted\n"


def test_jsonl(mtfix_run: Invoke) -> None:
    put("a.txt", BAD)
    rows = mtfix_run("fix", "--format", "jsonl", "a.txt", "-", stdin="x").stdout.splitlines()
    assert [json.loads(row) for row in rows] == [
        {**to_dict(BAD), "name": "a.txt"},
        {**to_dict("x"), "name": "<stdin>"},
    ]
    assert all(list(json.loads(row))[-1] == "name" for row in rows)


def test_jsonl_by_line_is_exactly_the_documented_object(mtfix_run: Invoke) -> None:
    result = mtfix_run("fix", "--lines", "--format", "jsonl", stdin=f"{BAD}\n\nGuten Tag é\u2028x\n")
    texts = ["A final father.", "He refused.", "Fine.", "", "Guten Tag é\u2028x"]
    assert result.stdout_bytes.decode() == "".join(
        json.dumps(FakeCorrector().fix(text).to_dict(), ensure_ascii=False) + "\n" for text in texts
    )


def test_lines_keep_their_ends(mtfix_run: Invoke) -> None:
    result = mtfix_run("fix", "--lines", stdin=b"final\r\nfinal\rfinal\n\nfinal")
    assert result.stdout_bytes == b"late\r\nlate\rlate\n\nlate"


def test_a_broken_line_keeps_what_came_before(mtfix_run: Invoke) -> None:
    result = mtfix_run("fix", "--lines", stdin=b"final\nb\xff\nfinal\n")
    assert (result.exit_code, result.stdout) == (2, "late\n")
    assert result.stderr.startswith("mtfix: error: <stdin>:2: is not UTF-8")


def test_html(mtfix_run: Invoke) -> None:
    put("a.txt", BAD)
    put("b.txt", "Fine.")
    result = mtfix_run("fix", "--format", "html", "a.txt", "b.txt")
    assert result.stdout.startswith("<!DOCTYPE html>")
    assert "2 documents: 1 edit in 1 of 4 lines; 1 flagged without a fix" in result.stdout


def test_other_languages_come_back_unchanged_with_a_remark(mtfix_run: Invoke) -> None:
    put("de.txt", "Guten Tag final\r\n")
    result = mtfix_run("fix", "de.txt", "-", stdin="final")
    assert result.exit_code == 0
    assert result.stdout_bytes == b"Guten Tag final\r\nlate"
    assert result.stderr == "mtfix: de.txt left alone: looks like German\n"
    assert mtfix_run("fix", "-q", "de.txt").stderr == ""
    assert mtfix_run("fix", "--force", "de.txt").stdout_bytes == b"Guten Tag late\r\n"
    assert mtfix_run("fix", "--check", "de.txt").exit_code == 0


def test_other_languages_by_line_are_counted(mtfix_run: Invoke) -> None:
    result = mtfix_run("fix", "--lines", stdin="Guten Tag 1\nfinal\nGuten Tag 2\n")
    assert result.stdout == "Guten Tag 1\nlate\nGuten Tag 2\n"
    assert result.stderr == "mtfix: <stdin>: 2 lines left alone: looks like German\n"


@pytest.mark.parametrize("form", [[], ["--format", "jsonl"], ["--lines"], ["--check"]])
def test_a_broken_input_does_not_stop_the_others(mtfix_run: Invoke, form: list[str]) -> None:
    put("a.txt", "final\n")
    Path("broken.txt").write_bytes(b"\xff\xfe\xfa broken")
    put("z.txt", "final\n")
    result = mtfix_run("fix", *form, "a.txt", "broken.txt", "missing.txt", "z.txt")
    assert result.exit_code == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("mtfix: error: ")]
    assert len(errors) == 2
    assert "missing.txt" in errors[0]
    assert "broken.txt" in errors[1]
    assert "Traceback" not in result.stderr
    if "--check" not in form:
        assert result.stdout.count("late") >= 2


def test_only_broken_inputs(mtfix_run: Invoke, loader: Loader) -> None:
    result = mtfix_run("fix", "--check", "missing.txt")
    assert (result.exit_code, result.stdout, loader.calls) == (2, "", [])
    Path("broken.txt").write_bytes(b"\xff")
    put("kept.txt", "as it was")
    assert mtfix_run("fix", "broken.txt", "-o", "kept.txt").exit_code == 2
    assert Path("kept.txt").read_text() == "as it was"


def test_a_folder_is_searched_for_texts(mtfix_run: Invoke) -> None:
    Path("in").mkdir()
    put("in/b.txt", "b final\n")
    put("in/a.md", "a final\n")
    assert mtfix_run("fix", "in").stdout == "a late\nb late\n"


def test_missing_models(mtfix_run: Invoke, loader: Loader) -> None:
    loader.failure = ModelError("models/detector: no such folder;\nsay where with --models.")
    result = mtfix_run("fix", stdin="x")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "mtfix: error: models/detector: no such folder; say where with --models.\n"


def test_finished_documents_survive_a_late_failure(mtfix_run: Invoke, loader: Loader) -> None:
    loader.corrector.failure = ModelError("the model broke.")
    put("a.txt", "final\n")
    put("b.txt", "BOOM\n")
    result = mtfix_run("fix", "a.txt", "b.txt")
    assert (result.exit_code, result.stdout) == (3, "late\n")


def test_a_bug_keeps_its_traceback(mtfix_run: Invoke, loader: Loader) -> None:
    loader.corrector.failure = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        mtfix_run("fix", stdin="BOOM")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file name that is not Unicode")
def test_odd_file_names(mtfix_run: Invoke) -> None:
    name = os.fsdecode(b"a\xff\n.txt")
    try:
        put(name, "final")
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    assert json.loads(mtfix_run("fix", "--format", "jsonl", name).stdout)["name"] == name
    assert mtfix_run("fix", "-w", name).stderr.count("\n") == 1


def test_markup_is_corrected_in_place_and_told_in_offsets_of_the_file(mtfix_run: Invoke) -> None:
    page = put("a.html", "<p>A <b>final</b> day &amp; <i>victims</i>, refused.")
    result = mtfix_run("fix", "a.html")
    assert result.stdout == "<p>A <b>late</b> day &amp; <i>victims</i>, refused."
    told = json.loads(mtfix_run("fix", "--format", "jsonl", "a.html").stdout)
    assert told["text"] == page.read_text()
    assert all(told["text"][e["start"] : e["end"]] == e["original"] for e in told["edits"])
    assert "a.html:1:9:" in mtfix_run("detect", "--format", "line", "a.html").stdout
    put("b.md", "A **final** `final` day.")
    assert mtfix_run("fix", "--diff", "-q", "b.md").stdout == "b.md\n1: A **[-final-]{+late+}** `final` day.\n"
    mtfix_run("fix", "--write", "b.md")
    assert Path("b.md").read_text() == "A **late** `final` day."


def test_word_files_come_back_as_word_files(mtfix_run: Invoke) -> None:
    data = docx(paragraph(run("A fi"), run("nal day, "), run("refused")))
    Path("a.docx").write_bytes(data)
    assert mtfix_run("fix", "a.docx").stdout == "A late day, refused\n"
    assert mtfix_run("fix", "-", stdin=data).stdout == "A late day, refused\n"
    assert mtfix_run("fix", "a.docx", "-o", "b.docx").exit_code == 0
    assert open_document("b.docx", Path("b.docx").read_bytes()).prose == "A late day, refused"
    assert b"w:del" not in unzipped(Path("b.docx").read_bytes())["word/document.xml"]
    result = mtfix_run("fix", "a.docx", "--track-changes", "--author", "Jane", "-o", "c.docx")
    assert (result.exit_code, result.stdout) == (0, "")
    parts = unzipped(Path("c.docx").read_bytes())
    assert parts["word/document.xml"].count(b'w:author="Jane"') == 3
    assert parts["word/comments.xml"].count(b"<w:comment ") == 2
    assert mtfix_run("fix", "--write", "--track-changes", "a.docx").stderr == "mtfix: changed a.docx (1 edit)\n"
    assert b"w:del" in unzipped(Path("a.docx").read_bytes())["word/document.xml"]
    assert json.loads(mtfix_run("detect", "--format", "jsonl", "b.docx").stdout)["text"] == "A late day, refused"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.docx", "--track-changes"], "add --output"),
        (["a.docx", "--track-changes", "-o", "b.txt"], "doesn't end in .docx"),
        (["a.txt", "--track-changes", "--write"], "a.txt is none"),
        (["a.txt", "-o", "b.docx"], "would be a Word file"),
        (["-", "-o", "b.docx"], "is no Word file"),
        (["broken.docx"], "broken.docx: is damaged"),
    ],
)
def test_word_files_and_others_are_not_mixed_up(mtfix_run: Invoke, arguments: list[str], said: str) -> None:
    put("a.txt", "final")
    put("broken.docx", "final")
    Path("a.docx").write_bytes(docx(paragraph(run("final"))))
    result = mtfix_run("fix", *arguments, stdin="final")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not Path("b.docx").exists()
