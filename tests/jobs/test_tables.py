"""Tables come back as they were, with columns added; a broken row costs itself alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slow_fixer import SlowFixer

from mtfix.errors import ConfigError, InputError
from mtfix.jobs.items import Item, Outcome, Task
from mtfix.jobs.job import Job
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.tables import Columns, open_table
from mtfix.jobs.work import correct

Start = Callable[..., Job]


def through(path: Path, target: Path, columns: Columns | None = None) -> list[str | None]:
    """The table corrected in this process; returns the errors of its rows."""
    table = open_table(path.suffix or "dataset", path, path.name, columns or Columns())
    writer = table.writer(target)
    errors = []
    for item in table.items():
        outcome = Outcome(None, item.error)
        if isinstance(item.content, str):
            [outcome] = correct(SlowFixer(), [Task(item.name, item.content)])
        writer.add(item, outcome)
        errors.append(outcome.error)
    writer.finish()
    writer.close()
    return errors


def test_json_lines_keep_their_bytes(tmp_path: Path) -> None:
    rows = b'{"text": "a final", "n": 1.00, "big": 12345678901234567890.5}\r\n\n{"text":"\\u00e4\xc3\xa4"}\n'
    rows += b'{}\n[1]\n{"text": 5}\n'
    (tmp_path / "in.jsonl").write_bytes(rows)
    errors = through(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert lines[0].startswith(b'{"text": "a final", "n": 1.00, "big": 12345678901234567890.5, "corrected": "a late", ')
    assert lines[1].startswith(b'{"text":"\\u00e4\xc3\xa4", "corrected": "\xc3\xa4\xc3\xa4", ')
    assert json.loads(lines[3])["line"] == "[1]"
    assert [json.loads(line)["error"] for line in lines] == errors
    assert errors == [None, None, "no column 'text'", "is no JSON object", "column 'text' holds int, not text"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t"), end=st.sampled_from(["\n", "\r\n"]), mark=st.booleans(),
)  # fmt: skip
def test_csv_cells_survive(tmp_path: Path, texts: list[str], delimiter: str, end: str, mark: bool) -> None:
    plain = io.StringIO(newline="")
    rows = csv.writer(plain, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    rows.writerow(["id", "text"])
    rows.writerows([str(n), text] for n, text in enumerate(texts))
    path, target = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + plain.getvalue().encode())
    target.unlink(missing_ok=True)
    assert through(path, target) == [None] * len(texts)
    written = target.read_bytes()
    assert written.startswith(b"\xef\xbb\xbf") is mark
    with open(target, encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file, delimiter=delimiter))
    assert [row["text"] for row in found] == texts
    assert [row["corrected"] for row in found] == [text.replace("final", "late") for text in texts]


def test_csv_rows_that_are_broken(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b'id,text\n1,"a final"\n2\n3,b,c\n4,caf\xe9\n')
    errors = through(tmp_path / "in.csv", tmp_path / "out.csv")
    assert errors[0] is None
    assert errors[1:3] == ["has 1 fields, and the header 2", "has 3 fields, and the header 2"]
    assert errors[3] == "column 'text' is not UTF-8; convert the table first, for instance with iconv"
    written = (tmp_path / "out.csv").read_bytes().splitlines()
    assert written[0] == b"id,text,corrected,edits,flags,stats,error"
    assert written[1].startswith(b'1,a final,a late,"[{""start"": 2')
    assert written[3].startswith(b'3,"b,c",,[],[],null,')
    assert written[4].startswith(b"4,caf\xe9,")


def arrow_rows() -> Any:
    pa = pytest.importorskip("pyarrow")
    texts = [f"final {n}" if n % 5 else None for n in range(600)]
    return pa.table(
        {"text": texts, "n": pa.array(range(600), pa.int16()), "more": [{"a": [1, 2]}] * 600},
        schema=pa.schema(
            [("text", pa.string()), ("n", pa.int16()), ("more", pa.struct([("a", pa.list_(pa.int8()))]))],
            metadata={"mine": "kept"},
        ),
    )


def test_parquet_keeps_types_and_metadata(tmp_path: Path) -> None:
    from pyarrow import parquet

    table = arrow_rows()
    parquet.write_table(table, tmp_path / "in.parquet")
    assert through(tmp_path / "in.parquet", tmp_path / "out.parquet", Columns(prefix="mt_")) == [None] * 600
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.select(["text", "n", "more"]).equals(table)
    assert found.schema.metadata[b"mine"] == b"kept"
    row = found.slice(7, 1).to_pylist()[0]
    assert (row["mt_corrected"], row["mt_error"], row["mt_stats"]["words"]) == ("late 7", None, 2)
    assert row["mt_edits"][0]["original"] == "final"
    assert row["mt_flags"][0] == {"start": 0, "end": 5, "category": "other", "score": 0.8, "message": "odd"}
    assert found.slice(5, 1).to_pylist()[0]["mt_corrected"] is None


def test_a_folder_saved_by_datasets(tmp_path: Path, start: Start, out: Path) -> None:
    datasets = pytest.importorskip("datasets")
    kinds = datasets.ClassLabel(names=["spun", "clean"])
    features = datasets.Features({"text": datasets.Value("string"), "kind": kinds})
    rows = datasets.Dataset.from_dict({"text": ["a final", "b"] * 300, "kind": [0, 1] * 300}, features=features)
    datasets.DatasetDict(train=rows, test=rows.select(range(3))).save_to_disk(tmp_path / "set")
    job = start(tmp_path / "set")
    assert (job.tally.documents, job.tally.failed, job.tally.origins["computed"]) == (603, 0, 2)
    found = datasets.load_from_disk(out)
    assert {name: len(split) for name, split in found.items()} == {"train": 600, "test": 3}
    assert found["train"].features["kind"] == features["kind"]
    assert found["train"][0]["corrected"] == "a late"
    assert found["train"][599]["stats"]["words"] == 1


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_columns_that_will_not_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.csv":
        path.write_text("text,error\na,b\n")
    elif name == "a.jsonl":
        path.write_text('{"text": "a", "error": "b"}\n')
    else:
        from pyarrow import parquet

        parquet.write_table(arrow_rows().rename_columns(["text", "error", "n"]), path)
    with pytest.raises(ConfigError, match="--column-prefix"):
        list(open_table(path.suffix, path, name, Columns()).items())
    with pytest.raises(InputError, match="no column 'body'"):
        list(open_table(path.suffix, path, name, Columns("body")).items())
    assert all(item.error is None for item in open_table(path.suffix, path, name, Columns(prefix="x_")).items())


def test_a_broken_table_among_others(tmp_path: Path, start: Start, out: Path) -> None:
    folder = tmp_path / "shards"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"text": "a final"}\n')
    (folder / "b.csv").write_text("id,text\n" + "1,x\n" * 3 + '2,"' + "\0" + "y\n")
    (folder / "c.parquet").write_bytes(b"nothing of the kind")
    (folder / "d.csv").write_text("id,text\n")
    (folder / "e.jsonl").write_text("")
    job = start(folder)
    assert job.state == "finished"
    assert [name for name, _ in job.tally.failures if name == "c.parquet"]
    assert (out / "a.jsonl").read_text().startswith('{"text": "a final", "corrected": "a late"')
    assert not (out / "c.parquet").exists()
    assert (out / "d.csv").read_text() == "id,text,corrected,edits,flags,stats,error\n"
    assert (out / "e.jsonl").read_text() == ""
    with pytest.raises(InputError, match="no Parquet file"):
        start(folder / "c.parquet")


def items(path: Path, columns: Columns | None = None) -> list[Item]:
    return list(open_table(path.suffix, path, path.name, columns or Columns()).items())


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ('1\tfine\n2\t"Stop, he said\n3\tthird row\n4\tfourth row\n', 3),
        ('1\tfine\n2\t"Stop, he said', 3),
        ('1\tfine\n2\t"Stop, he said\n3\tthird\n4\t"Go, he said\n5\tfifth\n', 3),
        ('"1\n1"\t"two\n\nlines"\n"2\n2"\t"Stop\nit\n', 7),
        ('"1"a\t"Stop\nit\n', 2),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quotation_mark_that_is_not_closed(tmp_path: Path, rows: str, line: int, end: str) -> None:
    path = tmp_path / "in.tsv"
    path.write_bytes(f"id\ttext\n{rows}".replace("\n", end).encode())
    with pytest.raises(InputError, match=rf"in\.tsv: the quotation mark that opens in line {line} is not closed"):
        items(path)


def test_quotation_marks_within_a_line_cost_no_other_row(tmp_path: Path) -> None:
    path = tmp_path / "in.tsv"
    path.write_text('id\ttext\n1\t"Stop", he said\n2\ta 5" pipe\n3\t"""Go"" he\n\nsaid"\n\n"4\n4"\t"last"x')
    assert [item.content for item in items(path)] == ["Stop, he said", 'a 5" pipe', '"Go" he\n\nsaid', "lastx"]


def test_a_header_with_a_quotation_mark_that_is_not_closed(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text('id,"text\n1,a\n')
    with pytest.raises(InputError, match="opens in line 1 is not closed"):
        items(path)


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv"])
def test_utf_16_is_told_apart(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes('{"text": "a"}\n'.encode("utf-16"))
    with pytest.raises(InputError, match=rf"{name}: is UTF-16, not UTF-8; convert it first"):
        items(tmp_path / name)


def test_json_that_is_nested_too_deep_is_a_broken_row(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "a"}\n' + "[" * 200_000 + "\n")
    assert [item.error for item in items(tmp_path / "in.jsonl")] == [None, "is JSON nested too deep to be read"]


def test_ids_that_are_no_unicode(tmp_path: Path, start: Start, out: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "\\ud83d", "text": "a final"}\n')
    (tmp_path / "b.csv").write_bytes(b"id,text\ncaf\xe9,a final\ncaf\xe9,CRASH\n")
    columns = Columns(id="id")
    job = start(tmp_path / "a.jsonl", tmp_path / "b.csv", columns=columns)
    assert (job.state, job.tally.documents, job.tally.failed) == ("finished", 3, 1)
    ledger = Ledger(out)
    assert [listed.name for listed in ledger.listed()] == ["a.jsonl:\\ud83d", "b.csv:caf\\udce9", "b.csv:caf\\udce9"]
    ledger.close()


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_that_fails_does_not_keep_its_old_output(tmp_path: Path, start: Start, out: Path, name: str) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "b.jsonl").write_text('{"text": "a final"}\n')
    if name == "a.csv":
        (folder / name).write_text("id,text\n1,a final\n")
    else:
        from pyarrow import parquet

        parquet.write_table(arrow_rows(), folder / name)
    start(folder)
    assert (out / name).exists()
    (folder / name).write_text('id,text\n1,a final\n2,"open\n')
    assert start(folder).tally.failed == 1
    assert sorted(path.name for path in out.glob("*.*") if path.is_file()) == ["b.jsonl"]
