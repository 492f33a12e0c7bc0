import pytest

from ecg_monitor import cli


@pytest.fixture(autouse=True)
def broker(monkeypatch):
    monkeypatch.setenv("ECG_MQTT_URL", "mqtt://127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--speed", "0"], "--speed must be"),
        (["--speed", "fast"], "--speed must be"),
        (["--beds", "0"], "--beds must be"),
        (["--packet-ms", "1001"], "--packet-ms must be"),
        (["--duration", "0"], "--duration must be"),
        (["--start-s", "-1"], "--start-s must be"),
        (["--device-prefix", "bed/1"], "--device-prefix must be"),
        (["--seed", "-1"], "--seed must be"),
        (["--fault", "loss=7"], "0 to 1"),
        (["--noise", "loud"], "KIND:SNR_DB"),
        (["--records", "/nope/100"], "no such recording"),
        (["--records", ""], "names no record"),
        (["--records", " , "], "names no record"),
        (["--scenario", "nope"], "nope"),
        (["--scenario", "sinus", "--leads", "I,V9"], "--leads: 'V9' is not known"),
    ],
)
def test_wrong_arguments_are_named(capsys, arguments, says):
    assert cli.main(["simulate", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_broker_must_be_named(capsys, monkeypatch):
    monkeypatch.delenv("ECG_MQTT_URL")
    assert cli.main(["simulate"]) == 2
    assert "ECG_MQTT_URL is missing" in capsys.readouterr().err


def test_help_teaches(capsys):
    with pytest.raises(SystemExit):
        cli.main(["simulate", "--help"])
    assert "--fault offline=60:10" in capsys.readouterr().out
