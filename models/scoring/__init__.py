"""Beat-by-beat scoring after ANSI/AAMI EC57, and its reports.

The usual way in is `evaluate`, from one `Case` per record to a JSON-ready report, which
`render_table` and `render_html` show::

    >>> from models import scoring
    >>> reference = scoring.Beats.from_annotations([100, 400, 700], ["N", "V", "N"])
    >>> test = scoring.Beats.from_labels([102, 401, 900], ["N", "V", "N"])
    >>> report = scoring.evaluate([scoring.Case("demo", reference, test, 360.0, 10.0)])
    >>> report["full"]["gross"]["qrs"]["tp"], report["full"]["gross"]["qrs"]["se"]
    (2, 0.6666666666666666)

`read_beats` reads either side from a WFDB annotation file. `compare` pairs beats and counts them
into a `Confusion`, whose ``qrs``, ``veb`` and ``sveb`` are the scores. The counts agree cell by
cell with those of WFDB's ``bxb`` (see the tests), given the label map
`models.scoring.databases.EC57`.
"""

from models.scoring.beats import Beats
from models.scoring.counts import CLASSES, Confusion, Score
from models.scoring.evaluation import LEARNING_S, Case, Report, evaluate
from models.scoring.files import read_beats
from models.scoring.matching import MATCH_WINDOW_S, Match, compare, match
from models.scoring.page import render_html
from models.scoring.short_windows import ShortWindows
from models.scoring.table import render_table

__all__ = [
    "CLASSES",
    "LEARNING_S",
    "MATCH_WINDOW_S",
    "Beats",
    "Case",
    "Confusion",
    "Match",
    "Report",
    "Score",
    "ShortWindows",
    "compare",
    "evaluate",
    "match",
    "read_beats",
    "render_html",
    "render_table",
]
