"""Blocks of samples with their reference annotations, as a patient of the simulator gives them."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.core.types import Int16Array


@dataclass(frozen=True, slots=True, order=True)
class BeatMark:
    """One heartbeat.

    Attributes:
        sample: index of the R peak: the largest deflection of the QRS complex on the patient's
            first lead.
        symbol: WFDB beat code (``N L R A V F E J j / f``).
    """

    sample: int
    symbol: str


@dataclass(frozen=True, slots=True, order=True)
class RhythmMark:
    """A change of rhythm.

    Attributes:
        sample: index of the first sample of the new rhythm.
        aux: WFDB rhythm string (``(N``, ``(AFIB``, ``(VT`` ...; see `segments.RHYTHMS`).
    """

    sample: int
    aux: str


@dataclass(frozen=True, slots=True, order=True)
class EpisodeMark:
    """A named stretch of signal, reported when it ends.

    Attributes:
        start: index of its first sample.
        end: one past the index of its last sample.
        kind: rhythm of the scenario (``af``, ``vf`` ...), or ``vt`` for a run of three or more
            PVCs, or ``pause`` (from the R peak before to the R peak after).
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True, order=True)
class LeadoffSpan:
    """A stretch of one block in which the device reports a lead as detached.

    Attributes:
        start: index of its first sample.
        end: one past the index of its last sample.
        lead: name of the lead.
    """

    start: int
    end: int
    lead: str


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive samples of a patient, with their reference annotations.

    Beats are those of the heart, also where a detached or noisy lead hides them.

    Attributes:
        n0: index of the first sample since the patient's start.
        samples: ADC values, int16, shape (n_leads, n_samples).
        beats: beats whose R peak lies in the block, by sample.
        rhythms: changes of rhythm in the block, by sample.
        episodes: episodes that end in the block (or at its end), by start.
        leadoff: stretches of reported lead-off, cut to the block.
        pulses: sample indices of the pacemaker pulses that the device found in the block; None: it
            does not look for them.
    """

    n0: int
    samples: Int16Array
    beats: tuple[BeatMark, ...] = ()
    rhythms: tuple[RhythmMark, ...] = ()
    episodes: tuple[EpisodeMark, ...] = ()
    leadoff: tuple[LeadoffSpan, ...] = ()
    pulses: tuple[int, ...] | None = None

    @property
    def n1(self) -> int:
        """Index one past the last sample."""
        return self.n0 + int(self.samples.shape[1])

    def wfdb_annotations(self) -> tuple[list[int], list[str], list[str]]:
        """Return the block's reference annotations as ``wfdb.wrann`` takes them.

        Beats carry their symbol; rhythm changes are ``+`` with the rhythm as auxiliary text;
        ventricular fibrillation is bracketed by ``[`` and ``]``.

        Returns:
            Samples (from the block's first sample on), symbols, auxiliary texts.
        """
        rows = [(beat.sample, 1, beat.symbol, "") for beat in self.beats]
        rows += [(rhythm.sample, 0, "+", rhythm.aux) for rhythm in self.rhythms]
        for episode in self.episodes:
            if episode.kind == "vf":
                rows += [(max(episode.start, self.n0), 2, "[", ""), (episode.end - 1, 3, "]", "")]
        rows.sort()
        return (
            [row[0] - self.n0 for row in rows],
            [row[2] for row in rows],
            [row[3] for row in rows],
        )
