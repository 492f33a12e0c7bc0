from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.core.settings import Settings
from simulator.events import Send, Truth
from simulator.faults.noisy import Noisy, load_noise, parse_noise
from simulator.replay import Replay
from simulator.synthetic import SyntheticPatient
from simulator.synthetic.leads import LEADS
from simulator.ward import DEFAULT_RECORDS, WardRequest, build_ward
from tests.support.twelve_leads import millivolts, write_wfdb


def _first(plan, count=8):
    packets = []
    for event in plan.events(0.0):
        if isinstance(event, Send):
            packets.append(event.packet)
            if len(packets) == count:
                break
    return packets


def test_all_of_mitdb_is_in_the_default_order(mitdb):
    assert sorted(DEFAULT_RECORDS) == sorted(path.stem for path in mitdb.glob("*.hea"))


def test_beds_get_different_patients(mitdb):
    ward = build_ward(WardRequest(beds=3, data=str(mitdb)), Settings())
    assert [plan.device for plan in ward.plans] == ["bed-01", "bed-02", "bed-03"]
    assert [plan.meta["record"] for plan in ward.plans] == ["100", "106", "119"]
    assert "--data" in ward.reason


def test_what_is_left_out_of_a_record_is_told(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("time,II,ABP\n'','mV','mmHg'\n0.000,0,80\n0.004,0,81\n")
    ward = build_ward(WardRequest(records=(str(path),)), Settings())
    assert ward.reason.endswith("; r: ABP left out: mmHg is no voltage")
    assert ward.plans[0].meta["leads"] == ["II"]


def test_copies_of_a_record_are_not_in_step(mitdb):
    ward = build_ward(WardRequest(beds=2, records=(str(mitdb / "100"),)), Settings())
    first, second = (_first(plan)[0].samples for plan in ward.plans)
    assert not np.array_equal(first, second)


def test_boots_differ_between_runs_and_devices(mitdb):
    plans = build_ward(WardRequest(beds=2, records=(str(mitdb / "100"),)), Settings()).plans
    boots = {next(plan.events(start)).packet.boot for plan in plans for start in (0.0, 1.0)}
    assert len(boots) == 4


def test_without_recordings_patients_are_synthetic(tmp_path, monkeypatch):
    monkeypatch.setattr("ecg_monitor.records.finder.physionet.BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("simulator.ward.find_database", _nowhere)
    ward = build_ward(WardRequest(beds=2), Settings(cache=str(tmp_path)))
    assert ward.reason.startswith("synthetic patients, since: user cache is empty")
    assert [plan.meta["record"] for plan in ward.plans] == ["ward-mix", "sinus"]
    packet = _first(ward.plans[0], 1)[0]
    assert (packet.leads, packet.samples.shape) == (("II", "V1"), (2, 90))


def _nowhere(settings, names, **options):
    from ecg_monitor.records import find_database

    return find_database(
        settings, names, shared=settings.cache_dir / "none", base_url="http://127.0.0.1:9",
        **{k: v for k, v in options.items() if k in {"data", "progress"}},
    )  # fmt: skip


def test_scenarios_come_with_truth():
    ward = build_ward(WardRequest(scenarios=("pvc-bigeminy",)), Settings())
    truths = []
    for event in ward.plans[0].events(0.0):
        if event.due > 20:
            break
        truths += [event] if isinstance(event, Truth) else []
    symbols = {symbol for truth in truths for _, symbol in truth.beats}
    assert {"N", "V"} <= symbols


def test_a_scenario_played_once_ends():
    wishes = WardRequest(scenarios=("sinus",), loop=False, duration_s=5.0)
    events = list(build_ward(wishes, Settings()).plans[0].events(0.0))
    assert sum(isinstance(event, Send) for event in events) == 20
    assert events[-1].due == 5.0


def test_empty_folder_and_wrong_part_are_refused(mitdb, tmp_path):
    with pytest.raises(RecordError, match="holds no recordings"):
        build_ward(WardRequest(data=str(tmp_path)), Settings())
    with pytest.raises(RecordError, match="nothing to play"):
        build_ward(WardRequest(records=(str(mitdb / "100"),), start_s=1e6), Settings())


@pytest.mark.parametrize("snr_db", [0.0, 12.0])
def test_six_db_more_halve_the_noise(snr_db):
    noise = np.random.default_rng(1).normal(size=(2, 36_000))
    clean = SyntheticPatient("sinus", seed=1)
    noisy = Noisy(
        SyntheticPatient("sinus", seed=1), SyntheticPatient("sinus", seed=1), noise, snr_db
    )
    n = 60 * 360
    difference = (noisy.read(n).samples - clean.read(n).samples.astype(int)) / 200.0
    again = Noisy(
        SyntheticPatient("sinus", seed=1), SyntheticPatient("sinus", seed=1), noise, snr_db + 6.0
    )
    clean = SyntheticPatient("sinus", seed=1)
    less = (again.read(n).samples - clean.read(n).samples.astype(int)) / 200.0
    ratio = difference.std(axis=1) / less.std(axis=1)
    assert ratio == pytest.approx([10 ** (6 / 20)] * 2, rel=0.02)


def test_noise_does_not_depend_on_the_cut(ramp):
    noise = np.random.default_rng(1).normal(size=(1, 500))

    def patient():
        return Noisy(Replay(ramp()), Replay(ramp()), noise, 6.0)

    whole, parts = patient().read(700), patient()
    cut = [parts.read(n).samples for n in (1, 99, 600)]
    assert np.array_equal(np.concatenate(cut, axis=1), whole.samples)
    assert not np.array_equal(whole.samples, Replay(ramp()).read(700).samples)


@pytest.mark.parametrize("fs", [360.0, 250.0])
def test_noise_is_at_the_rate_asked_for(fs):
    noise, origin = load_noise("ma", fs, Settings())
    assert noise.shape[0] == 2
    assert noise.shape[1] >= 300 * fs
    assert "ma" in origin


@pytest.mark.parametrize("text", ["em", "em:loud", "hum:6", ""])
def test_wrong_noise_is_named(text):
    with pytest.raises(SettingsError, match="KIND:SNR_DB"):
        parse_noise(text)


def test_scenarios_of_twelve_leads_and_others_on_twelve():
    request = WardRequest(scenarios=("lvh", "sinus"), packet_s=1.0)
    for leads, wanted in (((), (12, 2)), (("I", "V5"), (2, 2))):
        plans = build_ward(replace(request, leads=leads), Settings()).plans
        assert tuple(len(plan.meta["leads"]) for plan in plans) == wanted


def test_a_resting_ecg_pauses_between_passes(tmp_path):
    write_wfdb(tmp_path, "rest", millivolts(10))
    request = WardRequest(records=("rest",), data=str(tmp_path), packet_s=1.0)
    (plan,) = build_ward(request, Settings()).plans
    sent = _first(plan, 22)
    seams = [one.n1 for one, other in pairwise(sent) if one.n1 != other.n0]
    assert seams[:1] == [5000]
    assert sent[10].n0 == 5600
    assert sent[0].leads == LEADS
