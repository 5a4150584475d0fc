"""rapidfuzz over every name of the registry, one after the other: what `process.extractOne` does, with ties kept."""

import numpy
from rapidfuzz import fuzz, process

from registry import normalised, segments

WHOLE = {"token_set_ratio": fuzz.token_set_ratio, "WRatio": fuzz.WRatio, "partial_ratio": fuzz.partial_ratio}
PARTS = {"ratio": fuzz.ratio, "token_sort_ratio": fuzz.token_sort_ratio}


class Fuzzy:
    """The names in memory."""

    name = "rapidfuzz"
    variants = [f"{scorer} of the whole address" for scorer in WHOLE] + [
        f"{scorer} of segments{acronyms}" for scorer in PARTS for acronyms in ("", ", with acronyms")
    ]

    def __init__(self, registry):
        self.registry = registry
        self.names = {
            True: registry.names,
            False: [name for name in registry.names if not name.acronym],
        }
        self.texts = {acronyms: [name.text for name in names] for acronyms, names in self.names.items()}

    def best(self, address, variant):
        """The id and the score, from 0 to 1, of the most similar name."""
        scorer = variant.split()[0]
        acronyms = variant.endswith("acronyms")
        parts = [normalised(address)] if scorer in WHOLE else segments(address)
        if not parts or not parts[0]:
            return None, 0.0
        scorer = WHOLE.get(scorer) or PARTS[scorer]
        scores = process.cdist(parts, self.texts[acronyms], scorer=scorer, dtype=numpy.float32, workers=1)
        scores = scores.max(axis=0)
        top = scores.max()
        names = [self.names[acronyms][at] for at in numpy.flatnonzero(scores == top)]
        return self.registry.fitting(names, address).ror_id, float(top) / 100
