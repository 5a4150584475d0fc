"""Labelled rows: which are measured, and how answers to them are scored. The measures are those of `whence eval`."""

import hashlib
import json
import random
from dataclasses import dataclass


@dataclass
class Scores:
    """The figures of one system on one set."""

    system: str
    set: str
    rows: int
    precision: float
    recall: float
    f1: float
    left_alone: float | None
    strings_per_second: float
    variant: str


def read_rows(path):
    """Rows whose institution is in the registry, or that should match nothing."""
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [row for row in rows if row.get("in_registry", True)]


def sample(rows, count, tuning_count, seed, fold):
    """Rows to measure and other rows to tune on, drawn at random but the same each time."""
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    measured = [row for row in rows if in_fold(row, fold)][:count]
    if fold is None:
        # A small set is halved rather than left without rows to tune on.
        measured = measured[: max(len(rows) - tuning_count, len(rows) // 2)]
    taken = {id(row) for row in measured}
    others = [row for row in rows if id(row) not in taken and (fold is None or not in_fold(row, fold))]
    return measured, others[:tuning_count]


def in_fold(row, fold):
    """As `whence eval --fold` takes them."""
    if fold is None:
        return True
    remainder, modulus = (int(number) for number in fold.split("/"))
    return int(hashlib.sha1(row["affiliation"].encode()).hexdigest(), 16) % modulus == remainder


def score(rows, answers, registry):
    """Top-1: precision is right ÷ answered, recall right ÷ labelled; a retired label is met by its successor too."""
    right = sum(is_right(row, answer, registry) for row, answer in zip(rows, answers))
    answered = sum(answer is not None for answer in answers)
    labelled = sum(bool(row["ror_ids"]) for row in rows)
    alone = [answer is None for row, answer in zip(rows, answers) if not row["ror_ids"]]
    return {
        "precision": right / answered if answered else 0.0,
        "recall": right / labelled if labelled else 0.0,
        "f1": 2 * right / (answered + labelled) if right else 0.0,
        "left_alone": sum(alone) / len(alone) if alone else None,
    }


def is_right(row, answer, registry):
    return answer is not None and any(answer in registry.met_by(label) for label in row["ror_ids"])


def tuned_threshold(rows, found, registry):
    """The least score that gives the best F1 on these rows, and that F1."""
    labelled = sum(bool(row["ror_ids"]) for row in rows)
    best = (0.0, -1.0)
    answered = right = 0
    order = sorted(zip(rows, found), key=lambda pair: -pair[1][1])
    for at, (row, (ror_id, value)) in enumerate(order):
        if ror_id is None:
            break
        answered += 1
        right += is_right(row, ror_id, registry)
        if at + 1 < len(order) and order[at + 1][1][1] == value:
            continue
        f1 = 2 * right / (answered + labelled)
        if f1 > best[1]:
            best = (value, f1)
    return best
