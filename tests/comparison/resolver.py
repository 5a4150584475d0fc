#!/usr/bin/env python3
"""Whence beside what a user would pick instead, on the same labelled rows, in one run.

PostgreSQL's pg_trgm with a GIN index, and rapidfuzz over every name of the registry, each with the variant and the
threshold that serve it best on rows of their own; the README says what is measured.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

from fuzzy import Fuzzy
from gold import Scores, read_rows, sample, score, tuned_threshold
from registry import Registry
from trigrams import Trigrams

# Variants are compared on this many of the tuning rows: some take seconds a row.
VARIANT_ROWS = 40


def main():
    args = arguments()
    registry = Registry.read(args.ror)
    sets = {}
    for path in args.gold:
        sets[path.stem] = sample(read_rows(path), args.rows, args.tune, args.seed, args.fold)
    results = whence(args, {name: rows for name, (rows, _) in sets.items()})
    with Trigrams(registry) as trigrams:
        for peer in (trigrams, Fuzzy(registry)):
            for name, (rows, tuning) in sets.items():
                results.append(measure(peer, name, rows, tuning))
    print_table(results, list(sets))
    if args.json:
        args.json.write_text(json.dumps([vars(result) for result in results], indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="labelled rows, as whence eval reads them")
    parser.add_argument("--ror", type=Path, required=True, help="the ROR dump that the snapshot was built from")
    parser.add_argument("--registry", type=Path, required=True, help="the registry snapshot")
    parser.add_argument("--whence", default="whence", help="the command")
    parser.add_argument("--rows", type=int, default=500, help="rows of each file that are measured [%(default)s]")
    parser.add_argument("--tune", type=int, default=100, help="other rows, for thresholds and variants [%(default)s]")
    parser.add_argument("--fold", help="K/N: measure rows of this fold only, tune on the others")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    return parser.parse_args()


def whence(args, sets):
    """`whence eval` on the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, rows in sets.items():
            files.append(Path(folder) / f"{name}.jsonl")
            files[-1].write_text("".join(json.dumps(row) + "\n" for row in rows))
        command = [args.whence, "eval", *files, "--registry", args.registry, "--threads", "1", "--json"]
        measured = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    measured = measured.get("sets") or [{"set": next(iter(sets)), **measured}]
    return [
        Scores(
            system="whence",
            set=one["set"],
            rows=one["rows"],
            precision=one["precision"],
            recall=one["recall"],
            f1=one["f1"],
            left_alone=one.get("left_alone"),
            strings_per_second=one["addresses_per_cpu_second"],
            variant="as it answers",
        )
        for one in measured
    ]


def measure(peer, name, rows, tuning):
    """The peer on one set, with the variant and the threshold that are best on the tuning rows."""
    variant = max(peer.variants, key=lambda variant: tune(peer, variant, tuning[:VARIANT_ROWS])[1])
    threshold, _ = tune(peer, variant, tuning)
    begun = time.perf_counter()
    found = [peer.best(row["affiliation"], variant) for row in rows]
    seconds = time.perf_counter() - begun
    answers = [ror_id if value >= threshold else None for ror_id, value in found]
    return Scores(
        system=peer.name,
        set=name,
        rows=len(rows),
        strings_per_second=len(rows) / seconds,
        variant=f"{variant}, from {threshold:.2f}",
        **score(rows, answers, peer.registry),
    )


def tune(peer, variant, rows):
    found = [peer.best(row["affiliation"], variant) for row in rows]
    return tuned_threshold(rows, found, peer.registry)


def print_table(results, sets):
    header = ["set", "system", "rows", "precision", "recall", "F1", "left alone", "strings/s", "how"]
    lines = [header]
    for result in sorted(results, key=lambda result: sets.index(result.set)):
        left_alone = "–" if result.left_alone is None else f"{result.left_alone:.3f}"
        shares = [f"{share:.3f}" for share in (result.precision, result.recall, result.f1)]
        speed = f"{result.strings_per_second:,.{0 if result.strings_per_second >= 100 else 1}f}"
        lines.append([result.set, result.system, str(result.rows), *shares, left_alone, speed, result.variant])
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        words = (0, 1, 8)
        cells = [
            cell.ljust(width) if column in words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    main()
