import pytest

from ecg_monitor import cli


def test_list(capsys):
    assert cli.main(["data", "list"]) == 0
    assert "mitdb      1.0.0" in capsys.readouterr().out


def test_where_names_the_folder(capsys, tmp_path):
    (tmp_path / "x.csv").write_text("time,II\n")
    assert cli.main(["data", "where", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"recordings from {tmp_path} (--data): 1 records" in out


def test_where_does_not_take_an_empty_cache_for_data(capsys, tmp_path, monkeypatch):
    (tmp_path / "mitdb").mkdir()
    monkeypatch.setenv("ECG_CACHE", str(tmp_path))
    assert cli.main(["data", "where"]) == 0
    assert str(tmp_path) not in capsys.readouterr().out


def test_fetch_tells_what_is_wrong(capsys, tmp_path):
    assert cli.main(["data", "fetch", "nodb", str(tmp_path)]) == 2
    assert "nodb: unknown database" in capsys.readouterr().err


def test_fetch_without_network(capsys, tmp_path):
    command = ["data", "fetch", "mitdb", str(tmp_path), "--base-url", "http://127.0.0.1:9"]
    assert cli.main(command) == 2
    assert "cannot reach 127.0.0.1" in capsys.readouterr().err


def test_help_is_the_manual(capsys):
    with pytest.raises(SystemExit):
        cli.main(["data", "--help"])
    assert "ecg-monitor data fetch mitdb" in capsys.readouterr().out
