"""ISHNE, HL7 aECG, MUSE and DICOM: files made here, and files that lie."""

import base64
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import read_record

N = 1500
LEADS = np.stack([np.arange(N) % 700 - 350, 200 - np.arange(N) % 400]).astype("<i2")


def millivolts(record):
    gain, baseline = (np.array(v)[:, None] for v in (record.gain, record.baseline))
    return (record.samples - baseline) / gain


def ishne(n_leads=2, rate=200, offset=522, n_samples=N, step=2500):
    head = bytearray(522)
    head[:8] = b"ISHNE1.0"
    struct.pack_into("<ii", head, 14, n_samples, 522)
    struct.pack_into("<i", head, 22, offset)
    struct.pack_into("<h", head, 156, n_leads)
    struct.pack_into("<12h", head, 158, 6, 11, *[-9] * 10)
    struct.pack_into("<12h", head, 206, *[step] * 12)
    struct.pack_into("<h", head, 272, rate)
    return bytes(head) + LEADS.T.tobytes()


@pytest.fixture
def write(tmp_path):
    def writing(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return writing


def test_ishne(write):
    record = read_record(write("r.ecg", ishne()))
    assert (record.leads, record.fs) == (("II", "V1"), 200.0)
    assert millivolts(record) == pytest.approx(LEADS * 0.0025)
    assert record.notes == ()
    cut = read_record(write("r.ECG", ishne()[:-400]))
    assert cut.n_samples == N - 100
    assert cut.notes == (f"the file holds {N - 100} samples where its header says {N}",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"nonsense", "is not an ISHNE file"),
        (ishne(n_leads=0), "is damaged: 0 leads"),
        (ishne(n_leads=28_360), "is damaged: 28360 leads"),
        (ishne(rate=0), "at 0 Hz"),
        (ishne(offset=1 << 30), "from byte 1073741824 on"),
        (ishne(step=0), "holds no ECG: II left out: its resolution is 0 nV"),
        (ishne()[:522], "the signals are empty"),
    ],
)
def test_wrong_ishne_is_named(write, content, says):
    with pytest.raises(RecordError, match=says):
        read_record(write("r.ecg", content))


def aecg(step="0.002", scale="2.5", unit="uV", digits=None):
    def lead(name, row):
        text = digits or " ".join(map(str, row))
        return (
            f'<component><sequence><code code="MDC_ECG_LEAD_{name}"/><value>'
            f'<origin value="100" unit="uV"/><scale value="{scale}" unit="{unit}"/>'
            f"<digits>{text}</digits></value></sequence></component>"
        )

    return (
        '<?xml version="1.0"?><AnnotatedECG xmlns="urn:hl7-org:v3"><component><series>'
        '<component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/><value>'
        f'<head value="20260101"/><increment value="{step}" unit="s"/></value></sequence>'
        f"</component>{lead('II', LEADS[0])}{lead('V1', LEADS[1])}</sequenceSet></component>"
        "</series></component></AnnotatedECG>"
    )


def test_aecg(write):
    record = read_record(write("r.xml", aecg()))
    assert (record.leads, record.fs) == (("II", "V1"), 500.0)
    assert millivolts(record) == pytest.approx(LEADS * 0.0025 + 0.1)


def muse(kind="Rhythm", base="500", unit="MICROVOLTS", data=None):
    leads = "".join(
        f"<LeadData><LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit>"
        f"<LeadAmplitudeUnits>{unit}</LeadAmplitudeUnits><LeadID>{name}</LeadID>"
        f"<WaveFormData>{data or base64.b64encode(row.tobytes()).decode()}</WaveFormData>"
        "</LeadData>"
        for name, row in zip(("I", "II"), LEADS, strict=True)
    )
    strip = f"<SampleBase>{base}</SampleBase><SampleExponent>0</SampleExponent>{leads}"
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd">'
        f"<RestingECG><Waveform><WaveformType>Median</WaveformType>{strip}</Waveform>"
        f"<Waveform><WaveformType>{kind}</WaveformType>{strip}</Waveform></RestingECG>"
    )


def test_muse(write):
    record = read_record(write("r.XML", muse()))
    assert (record.leads, record.fs) == (("I", "II"), 500.0)
    assert millivolts(record) == pytest.approx(LEADS * 0.00488)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<a>", "is damaged"),
        ("<note/>", "is XML with 'note', neither"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><AnnotatedECG>&b;</AnnotatedECG>', "declares entities"),
        ("<AnnotatedECG/>", "without a series"),
        (aecg(step="0"), "sampling rate must be greater than 0"),
        (aecg(scale="x"), "II left out"),
        (aecg(unit="mm[Hg]"), "is no voltage"),
        (aecg(digits="1 two 3"), "its digits are no numbers"),
        (muse(kind="Other"), "without a rhythm strip"),
        (muse(base=""), "sampling rate must be greater than 0"),
        (muse(unit="LITRES"), "litres is no voltage"),
        (muse(data="AAA"), "its samples are damaged"),
    ],
)
def test_wrong_xml_is_named(write, content, says):
    with pytest.raises(RecordError, match=says):
        read_record(write("r.xml", content))


def test_a_format_that_is_not_read_names_what_converts_it(write):
    with pytest.raises(RecordError, match=r"SCP-ECG: convert it to EDF, as `save2gdf"):
        read_record(write("r.scp", b"?"))
    with pytest.raises(RecordError, match="is packed: unpack it first"):
        read_record(write("r.csv.gz", b"?"))


def test_dicom_without_its_library_says_what_to_install(write, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    with pytest.raises(RecordError, match=r"pip install 'ecg-monitor\[dicom\]'"):
        read_record(write("r.dcm", b"?"))


@pytest.fixture
def dicom(tmp_path):
    pydicom = pytest.importorskip("pydicom", reason="DICOM is an extra: ecg-monitor[dicom]")
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, TwelveLeadECGWaveformStorage, generate_uid

    def code(value, meaning):
        item = Dataset()
        item.CodeValue, item.CodeMeaning, item.CodingSchemeDesignator = value, meaning, "UCUM"
        return pydicom.Sequence([item])

    def group(n, rate=500, names=("Lead II (Einthoven)", "Lead V1"), unit="uV"):
        channels = []
        for name in names:
            channel = Dataset()
            channel.ChannelSourceSequence = code("2:2", name)
            channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = "2.5", "1"
            channel.ChannelBaseline = "100"
            channel.ChannelSensitivityUnitsSequence = code(unit, unit)
            channel.WaveformBitsStored = 16
            channels.append(channel)
        one = Dataset()
        one.NumberOfWaveformChannels, one.NumberOfWaveformSamples = len(names), n
        one.SamplingFrequency = str(rate)
        one.ChannelDefinitionSequence = pydicom.Sequence(channels)
        one.WaveformBitsAllocated, one.WaveformSampleInterpretation = 16, "SS"
        one.add_new("WaveformData", "OW", LEADS[: len(names), :n].T.tobytes())
        return one

    def writing(*groups):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = TwelveLeadECGWaveformStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        path = tmp_path / "r.dcm"
        data = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
        data.SOPClassUID, data.SOPInstanceUID = TwelveLeadECGWaveformStorage, generate_uid()
        data.Modality = "ECG"
        if groups:
            data.WaveformSequence = pydicom.Sequence(list(groups))
        data.save_as(path, enforce_file_format=True)
        return path

    return writing, group


def test_dicom(dicom):
    writing, group = dicom
    record = read_record(writing(group(600), group(N)))
    assert (record.leads, record.fs, record.n_samples) == (("II", "V1"), 500.0, N)
    assert millivolts(record) == pytest.approx(LEADS * 0.0025 + 0.1)
    assert record.notes == ("the longest of 2 groups of channels is read",)


def test_wrong_dicom_is_named(dicom):
    writing, group = dicom
    with pytest.raises(RecordError, match="holds no waveform"):
        read_record(writing())
    with pytest.raises(RecordError, match="left out: its unit is no voltage"):
        read_record(writing(group(N, unit="mm[Hg]")))
    path = writing(group(N))
    whole = path.read_bytes()
    for content in (b"nonsense", whole[:900], whole[:200]):
        path.write_bytes(content)
        with pytest.raises(RecordError, match=r"is damaged|no waveform|empty|not read"):
            read_record(path)


SAMPLES = {"r.ecg": ishne(), "r.xml": aecg().encode(), "R.XML": muse().encode()}


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.integers(0, 600), st.binary(max_size=6)), min_size=1, max_size=3),
    st.integers(0, 8000),
)
def test_any_bytes_are_read_or_refused(tmp_path_factory, name, changes, length):
    content = bytearray(SAMPLES[name])
    for at, what in changes:
        content[at : at + len(what)] = what
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(bytes(content[: len(content) - length]))
    try:
        record = read_record(path)
    except RecordError:
        return
    assert record.samples.nbytes < 20 * path.stat().st_size
