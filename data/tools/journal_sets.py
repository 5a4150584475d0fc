#!/usr/bin/env python3
"""Writes the Nature Index journal sets from the table of facts gathered for them.

    journal_sets.py TABLE.csv OUT_DIRECTORY

The table has the columns title, issn_print, issn_electronic, subjects, from, to, note and source. Every
ISSN must have a valid check digit and belong to one title; the sets must have 82 and 82 + 64 journals.
"""
import csv
import re
import sys
from pathlib import Path

COLUMNS = ["title", "issns", "subjects", "from", "to", "flags", "multidisciplinary", "note", "source"]
UNCONFIRMED = "membership unconfirmed: believed"
# The lists of 82 and 64 count articles from these months on, whenever they were announced.
FIRST_MONTH = {"2014-11": "2015-01", "2018-06": "2015-01", "2023-06": "2022-01"}


def issn_is_valid(issn):
    digits = issn.replace("-", "")
    values = [10 if c == "X" else int(c) for c in digits]
    return re.fullmatch(r"\d{4}-\d{3}[\dX]", issn) and sum(v * w for v, w in zip(values, range(8, 0, -1))) % 11 == 0


def issns(row):
    """Those of the two columns, and those that the note names besides."""
    named = [row["issn_print"], row["issn_electronic"]] + re.findall(r"\b\d{4}-\d{3}[\dX]\b", row["note"])
    found = list(dict.fromkeys(i for i in named if i))
    for issn in found:
        assert issn_is_valid(issn), f"{row['title']}: {issn} has a wrong check digit"
    assert found, f"{row['title']}: no ISSN"
    return found


def flags(note):
    """Any one of these flags makes an article of the journal count."""
    if "only Letters (formerly Rapid Communications), Highlighted articles and Editors' Suggestions" in note:
        return ["letter", "highlighted", "editors-suggestion"]
    return ["letter"] if "only Letters count" in note else []


def entry(row, dated):
    return {
        "title": row["title"],
        "issns": "|".join(issns(row)),
        "subjects": row["subjects"],
        "from": FIRST_MONTH[row["from"]],
        "to": row["to"] if dated else "",
        "flags": ";".join(flags(row["note"])),
        "multidisciplinary": "true" if "multidisciplinary" in row["note"] else "false",
        "note": row["note"],
        "source": row["source"],
    }


def write(path, entries):
    owner = {}
    for e in entries:
        for issn in e["issns"].split("|"):
            assert owner.setdefault(issn, e["title"]) == e["title"], f"{issn}: {e['title']} and {owner[issn]}"
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(entries, key=lambda e: e["title"].casefold()))


def main(table, directory):
    with open(table, newline="", encoding="utf-8") as text:
        rows = [row for row in csv.DictReader(text) if UNCONFIRMED not in row["note"]]
    health = [row for row in rows if row["from"] == "2023-06"]
    first = [row for row in rows if row["from"] != "2023-06"]
    assert (len(first), len(health)) == (82, 64), (len(first), len(health))
    directory = Path(directory)
    write(directory / "nature-index-82.csv", [entry(row, dated=False) for row in first])
    write(directory / "nature-index.csv", [entry(row, dated=True) for row in rows])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
