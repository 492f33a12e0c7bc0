"""What pages tell of the test of the network is what its card tells."""

import json

from ecg_monitor.ward.signal.labels import LABEL_WORDS
from models.diagnosis import release
from models.diagnosis.labels import NAMES
from models.diagnosis.scores import FILE, scores
from workbench.results.scores import scores as of_figures


def test_figures_are_those_of_the_card_and_of_the_network_that_is_released():
    held = json.loads(FILE.read_text(encoding="utf-8"))
    assert held == of_figures(), "run python -m workbench.results.scores"
    manifest, _ = release.read(release.DEFAULT, release.FOLDER)
    assert manifest.sha256.startswith(held["weights"])
    assert tuple(scores()) == manifest.labels


def test_every_label_has_words():
    assert tuple(LABEL_WORDS) == NAMES
    for words in LABEL_WORDS.values():
        for text in (words.name, words.meaning):
            assert len({text.en, text.fr, text.ar}) == 3
            assert any("\u0600" <= letter <= "\u06ff" for letter in text.ar)
