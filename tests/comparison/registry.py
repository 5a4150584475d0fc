"""The names of a ROR dump, and what both peers share: how texts are compared, and how ties are broken."""

import json
import re
import unicodedata
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A name of a record; acronyms are marked."""

    ror_id: str
    text: str
    acronym: bool


class Registry:
    """Names, places and successors of the records that are not withdrawn."""

    def __init__(self, records):
        kept = [record for record in records if record["status"] != "withdrawn"]
        self.names = [
            Name(record["id"], normalised(name["value"]), "acronym" in name["types"])
            for record in kept
            for name in record["names"]
            if normalised(name["value"])
        ]
        self.places = {record["id"]: places(record) for record in kept}
        self.successors = {record["id"]: successors(record) for record in records if record["status"] != "active"}

    @classmethod
    def read(cls, path):
        """Reads a dump of schema 2, as JSON or in its zip."""
        if path.suffix != ".zip":
            return cls(json.loads(path.read_bytes()))
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith("schema_v2.json"))
            return cls(json.loads(archive.read(name)))

    def met_by(self, label):
        """The ids that meet a label: its own and, if it is retired, those of its successors."""
        met, waiting = {label}, [label]
        while waiting:
            heirs = self.successors.get(waiting.pop(), set()) - met
            met |= heirs
            waiting.extend(heirs)
        return met

    def fitting(self, found, address):
        """Of names with equal scores, the one whose record's city and country are printed, else the longest."""
        words = f" {normalised(address)} "

        def fit(name):
            return sum(f" {place} " in words for place in self.places[name.ror_id]), len(name.text)

        return max(found, key=fit)


def normalised(text):
    """Lower case without diacritics and punctuation; a country in brackets at the end of a company's name is dropped."""
    text = unicodedata.normalize("NFKD", re.sub(r"\s*\([^)]*\)$", "", text))
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).casefold()
    return " ".join(re.findall(r"[^\W_]+", text))


def segments(address):
    """The parts of an address, as a user would split them: at commas, semicolons and line breaks."""
    parts = [normalised(part) for part in re.split(r"[,;|\n]", address)]
    return [part for part in parts if len(part) > 2]


def places(record):
    details = [location["geonames_details"] for location in record["locations"]]
    return {
        normalised(text)
        for place in details
        for text in (place.get("name"), place.get("country_name"))
        if text
    }


def successors(record):
    return {relation["id"] for relation in record["relationships"] if relation["type"] == "successor"}
