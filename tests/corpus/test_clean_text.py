from __future__ import annotations

import json
from collections import Counter
from itertools import groupby

import pytest
from builds import NOTHING, request

from mtfix.corpus.build import build
from mtfix.corpus.rows import Clean
from mtfix.corpus.sources import clean_sentences
from mtfix.errors import ConfigError, InputError

GOOD = "The minister has said that the talks were a success."


class TestBadInput:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (b"Der Minister hat gesagt, dass die Gespr\xc3\xa4che gestern erfolgreich waren.", "other language"),
            ("Министр сказал, что переговоры были успешными.".encode(), "other language"),
            (b"<p>The minister has said it.</p>", "markup"), (b"| one | two | three of them |", "markup"),
            (b"Minister.", "one word"), (b"The minister said.", "too short"), (b"so " * 61, "too long"),
            (b"The minister \xff has said it.", "not UTF-8"), (b"It was " + b"very " * 300_000 + b".", "line too long"),
            ("The minister hasnâ€™t said it yet.".encode(), "broken encoding"), (b"1,2 3.4 5;6 7 8 9 a b", "not prose"),
            (GOOD.encode(), "duplicate"),
        ],
    )  # fmt: skip
    def test_it_is_skipped_for_a_reason_and_the_rest_is_read(self, tmp_path, line, reason):
        path = tmp_path / "my.txt"
        path.write_bytes(b"\n\n".join([GOOD.encode(), line, b"We went home after that."]))
        skipped = []
        found = [s.text for s in clean_sentences([path], lambda *what: skipped.append(what))]
        assert found == [GOOD, "We went home after that."]
        [(why, where, text)] = skipped
        assert why == reason
        assert where == f"{path}:3"
        assert len(text) < 1000

    def test_json_lines(self, tmp_path):
        path = tmp_path / "my.jsonl"
        rows = ["{", '{"txt": "a"}', '["a"]', json.dumps({"text": GOOD, "license": "MIT"})]
        path.write_text("\n".join(rows))
        reasons = []
        [found] = clean_sentences([path], lambda reason, *_: reasons.append(reason))
        assert reasons == ["broken JSON", "no text in the row", "no text in the row"]
        assert found == Clean(GOOD, "", "my.jsonl#0", "my.jsonl", "MIT")

    def test_counts_and_a_sample_are_kept(self, tmp_path):
        text = "\n\n".join([GOOD, *(f"Word{i}" for i in range(50)), "<b>The text is bold now.</b>"])
        (tmp_path / "my.txt").write_text(text)
        manifest = build(
            request(tmp_path / "my.txt", tmp_path / "corpus", 3, ("tortured",)), workers=1, held_out=lambda: NOTHING
        )
        assert manifest["clean"]["skipped"] == {"one word": 50, "markup": 1}
        lines = (tmp_path / "corpus/report/skipped.jsonl").read_text().splitlines()
        assert Counter(json.loads(line)["reason"] for line in lines) == {"one word": 20, "markup": 1}

    def test_nothing_usable_is_an_error(self, tmp_path):
        (tmp_path / "my.txt").write_text("Word\n")
        with pytest.raises(ConfigError, match=r"no usable sentence .* \(1 skipped"):
            build(request(tmp_path / "my.txt", tmp_path / "corpus"), workers=1, held_out=lambda: NOTHING)
        (tmp_path / "other.txt").write_text("Nothing in here can be tortured.\n")
        with pytest.raises(ConfigError, match="tortured, identity find nothing to damage"):
            build(request(tmp_path / "other.txt", tmp_path / "o" / "corpus"), workers=1, held_out=lambda: NOTHING)
        with pytest.raises(InputError, match="does not exist"):
            build(request(tmp_path / "no.txt", tmp_path / "corpus"), workers=1, held_out=lambda: NOTHING)

    def test_the_sentence_before_belongs_to_the_same_document(self, clean_folder):
        found = list(clean_sentences([clean_folder], lambda *_: None))
        assert len(found) == 180  # without the short ones
        for _, doc in groupby(found, key=lambda s: s.doc):
            texts = list(doc)
            assert [s.before for s in texts] == ["", *(s.text for s in texts[:-1])]
