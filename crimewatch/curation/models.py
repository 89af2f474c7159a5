"""What curation keeps of its own: see `duplicates.models` and `merging.models`."""

from crimewatch.curation.duplicates.models import Likeness, Look, Verdict
from crimewatch.curation.merging.models import Merge

__all__ = ["Likeness", "Look", "Merge", "Verdict"]
