"""The pictures of a study by name, and the file that draws each: a new one is one line here.

Nothing is loaded for it, so that those who only look after files know the names too.
"""

from __future__ import annotations

# A function of this name in the file of minidl/report/figures/.
PICTURES = {
    "test_points": "points",
    "decisions": "decisions",
    "fits": "fits",
    "learning_curves": "learning",
    "accuracies": "accuracies",
    "sweeps": "sweeps",
    "reached": "reached",
    "gaps": "gaps",
}
