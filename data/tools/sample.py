#!/usr/bin/env python3
"""Chooses the sample of articles.

    sample.py ARTICLES.jsonl JOURNAL_SET.csv ARTICLE_TYPES.csv OUT.jsonl.zst [COUNT]

ARTICLES.jsonl is the PubMed file as Whence JSONL (example `to_jsonl` of crates/formats). First come the
primary research articles of the journal set in which every personal author has an address; the rest, up to
COUNT (1,500), are primary research of any other journal that is dated to the month and complete in the
same way. Where there are more than needed, the SHA-256 of the PMID decides, so that the choice is the same
everywhere. Written in order of PMID.
"""
import csv
import hashlib
import json
import sys

from whence_files import articles, write_zst


def types(path):
    with open(path, newline="", encoding="utf-8") as text:
        rows = csv.DictReader(line for line in text if not line.startswith("#"))
        return {row["type"]: row["verdict"] for row in rows if row["source"] == "pubmed"}


def is_research(article, verdicts):
    found = {verdicts.get(kind) for kind in article.get("types", [])}
    return "research" in found and not found & {"not-research", "notice"} and not article.get("retracted")


def is_complete(article):
    persons = [author for author in article.get("authors", []) if author.get("kind") != "consortium"]
    return bool(persons) and all(author.get("affiliations") for author in persons)


def is_dated(article):
    return len(article.get("electronic_date", "")) >= 7 or len(article.get("print_date", "")) >= 7


def main(source, journal_set, type_table, out, count="1500"):
    with open(journal_set, newline="", encoding="utf-8") as text:
        members = {issn for row in csv.DictReader(text) for issn in row["issns"].split("|")}
    verdicts = types(type_table)
    usable = [a for a in articles(source) if is_research(a, verdicts) and is_complete(a) and is_dated(a)]

    def rank(article):
        in_set = bool(members & set(article.get("journal", {}).get("issns", [])))
        return (not in_set, hashlib.sha256(str(article["pmid"]).encode()).digest())

    chosen = sorted(usable, key=rank)[: int(count)]
    print(len(chosen), "articles,", sum(not rank(a)[0] for a in chosen), "of the journal set")
    lines = [json.dumps(a, ensure_ascii=False, separators=(",", ":")) for a in sorted(chosen, key=lambda a: a["pmid"])]
    write_zst(out, "\n".join(lines) + "\n")


if __name__ == "__main__":
    if not 5 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
