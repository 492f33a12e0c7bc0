"""Records are kept as bytes, of use only under the layout that they were written with."""

import numpy as np
import pytest

from ecg_monitor.core.checkpoint.records import RecordState, grown
from ecg_monitor.core.errors import CheckpointError

BED = np.dtype([("n", "i8"), ("level", "f4")], align=True)
LEAD = np.dtype([("gain", "f8")])


def test_records_come_back():
    state = RecordState("test", BED, LEAD)
    beds, leads = np.ones(1, BED), np.arange(3.0).view(LEAD)
    bed, back = state.unpack(state.pack(beds[0], leads), 1, 3)
    assert bed.tolist() == beds.tolist()
    assert back.tolist() == leads.tolist()


@pytest.mark.parametrize("count", [2, 4])
def test_another_number_of_records_is_refused(count):
    state = RecordState("test", BED, LEAD)
    with pytest.raises(CheckpointError, match="test"):
        state.unpack(state.pack(np.ones(1, BED)[0], np.zeros(3, LEAD)), 1, count)


def test_another_layout_or_meaning_is_refused():
    renamed = np.dtype([("gains", "f8")])
    saved = RecordState("test", LEAD, meaning=250.0).pack(np.zeros(1, LEAD))
    for other in (RecordState("test", renamed, meaning=250.0), RecordState("test", LEAD)):
        with pytest.raises(CheckpointError, match="another version"):
            other.unpack(saved, 1)


def test_grown_records_are_the_former_ones_and_as_many_zeros():
    former = np.array([(1, 0.5), (2, 1.5)], BED)
    made = grown(former)
    assert made.tolist() == [*former.tolist(), (0, 0.0), (0, 0.0)]
    made[0]["n"] = 7
    assert former[0]["n"] == 1
