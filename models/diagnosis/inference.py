"""Runs a released network of twelve leads with onnxruntime, on one thread, a window at a time.

One window is one run, so that its outcome does not depend on what else is looked at with it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.diagnosis import release
from models.diagnosis.inputs import Windows
from models.diagnosis.leads import STANDARD


class DiagnosisNetwork:
    """A network with its labels and thresholds.

    Attributes:
        manifest: what is known of it.
    """

    def __init__(self, manifest: release.Manifest, network: bytes) -> None:
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415  # half a second to load

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )
        # A network that looks at the signal alone has no other input.
        self._inputs = [one.name for one in self._session.get_inputs()]
        self.manifest = manifest

    @classmethod
    def load(cls, name: str = release.DEFAULT, folder: Path = release.FOLDER) -> DiagnosisNetwork:
        """Load released weights, or those of another training.

        Raises:
            SettingsError: there is no such network, or its files are damaged.
        """
        return cls(*release.read(name, folder))

    def lacks(self, present: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        """Return the leads that the network needs and that are not there.

        Args:
            present: which of the standard leads there are, bool, shape (12,).
        """
        return tuple(n for n in self.manifest.needs if not present[STANDARD.index(n)])

    def probabilities(
        self, windows: Windows, about: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float64]:
        """Return the probability of each label in each window, shape (n, labels).

        Args:
            windows: n windows of one recording.
            about: as of `models.diagnosis.inputs.about`, shape (5,).
        """
        rows = [
            self.answers(windows.ecg[i : i + 1], windows.mask[i : i + 1], about[None])[0]
            for i in range(len(windows.ecg))
        ]
        return np.stack(rows)

    def answers(
        self,
        ecg: npt.NDArray[np.float32],
        mask: npt.NDArray[np.float32],
        about: npt.NDArray[np.float32],
    ) -> npt.NDArray[np.float64]:
        """Return the probability of each label in each window of many recordings, (n, labels).

        Args:
            ecg: shape (n, 12, SAMPLES), as of `models.diagnosis.inputs.Windows`.
            mask: shape (n, 12).
            about: shape (n, 5).
        """
        told = {"ecg": ecg, "signal": ecg, "mask": mask, "about": about}
        feeds = {name: told[name] for name in self._inputs}
        return np.asarray(self._session.run(None, feeds)[0], np.float64)
