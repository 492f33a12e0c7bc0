"""What a score consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BeatScore:
    """What a network says of one beat.

    Attributes:
        model: name of the network that answered.
        score: how unusual the beat is; None if the network does not judge that.
        threshold: score from which it counts as anomalous; None without a score.
        label: class; None if the network knows none.
        probabilities: by class, calibrated; empty without a class.
        reconstruction: the beat as a network rebuilt it, in the unit and length of what was sent;
            empty if none did.
        rebuilt_by: name of that network, where it is another; empty otherwise.
    """

    model: str
    score: float | None
    threshold: float | None
    label: str | None
    probabilities: dict[str, float]
    reconstruction: tuple[float, ...]
    rebuilt_by: str = ""

    @property
    def anomalous(self) -> bool | None:
        """Whether the score reaches its threshold; None without a score."""
        if self.score is None or self.threshold is None:
            return None
        return self.score >= self.threshold

    @property
    def confidence(self) -> float | None:
        """Probability of the class; None without a class."""
        return None if self.label is None else self.probabilities.get(self.label)


@dataclass(frozen=True, slots=True)
class TimedScore:
    """A beat within a window.

    Attributes:
        time_s: time of its R peak from the first sample of the window, s.
        beat: what was said of it; the reconstruction is in mV at 250 Hz, from 0.28 s before the
            R peak to 0.52 s after it.
    """

    time_s: float
    beat: BeatScore
