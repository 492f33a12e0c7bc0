"""`evaluate --found` scores the annotation files of any detector, as bxb does."""

import csv
import json

import pytest

from ecg_monitor.cli import main


@pytest.mark.parametrize("detector", ["osea", "gqc"])
def test_another_detector_is_scored_as_bxb_scores_it(detector, bxb_folder, mitdb, tmp_path):
    report = tmp_path / "report.json"
    found = ("--found", str(bxb_folder / "annotations"), "--found-annotator", detector)
    words = ("--records", "105,228", "--label-map", "ec57", "--json", str(report))
    assert main(["evaluate", str(mitdb), *found, *words]) == 0
    told = json.loads(report.read_bytes())
    assert told["settings"]["found_annotator"] == detector
    with (bxb_folder / f"bxb_{detector}.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["record"] in ("105", "228")]
    assert len(rows) > 10
    for row in rows:
        counted = told["records"][row["record"]][row["from"]]["confusion"][row["reference"]]
        wanted = {name[3:]: int(n) for name, n in row.items() if name.startswith("as_")}
        assert counted == wanted, (row["record"], row["from"], row["reference"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rhythm",), "--found: the engine is not run"),
        (("--leads", "all"), "--found: the engine is not run"),
        ((), "no annotations to score against"),
    ],
)
def test_what_does_not_go_together_is_refused(words, said, mitdb, tmp_path, capsys):
    command = ["evaluate", str(mitdb), "--records", "100", "--found", str(tmp_path)]
    assert main([*command, *words]) == 2
    assert said in capsys.readouterr().err
