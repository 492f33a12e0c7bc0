"""R peaks, beats and rhythm of an array, in three lines of Python. `docs/PYTHON.md` is the manual.

::

    import heartbeats

    result = heartbeats.analyze(signal, fs=360)
    print(result.r_peaks, result.rhythm, result.notes)

What analyses the array is the engine that follows patients live, sample by sample and without
looking ahead; what comes back is what a monitor would have said at the bedside.

Research software: it is not a medical device and must not be used to care for patients.
"""

from detector.analyzer.analyzer import Analyzer
from ecg_monitor.core.errors import EcgMonitorError, SignalError
from ecg_monitor.core.types import Alarm, Beat, Episode, Measurement, Packet, RPeak, Vitals
from heartbeats.analysis import analyze, r_peaks
from heartbeats.diagnosis import diagnose
from heartbeats.result import AlarmPeriod, Analysis, HeartRate, QualityPeriod
from heartbeats.waves import WaveBoundaries, waves

__all__ = [
    "Alarm",
    "AlarmPeriod",
    "Analysis",
    "Analyzer",
    "Beat",
    "EcgMonitorError",
    "Episode",
    "HeartRate",
    "Measurement",
    "Packet",
    "QualityPeriod",
    "RPeak",
    "SignalError",
    "Vitals",
    "WaveBoundaries",
    "analyze",
    "diagnose",
    "r_peaks",
    "waves",
]
