"""What the scripts here share: Whence JSONL, zstd files and normalised words."""
import json
import re
import subprocess
import unicodedata


def articles(path):
    """The articles of a JSONL file, plain or .zst; of several versions of a PMID the highest."""
    latest = {}
    for line in read_text(path).splitlines():
        record = json.loads(line)
        if "delete" not in record:
            key = record["source_id"]
            if key not in latest or latest[key].get("version", 1) < record.get("version", 1):
                latest[key] = record
    return list(latest.values())


def read_text(path):
    if str(path).endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout.decode()
    with open(path, encoding="utf-8") as text:
        return text.read()


def write_zst(path, text):
    """Compressed with a checksum and without a name or a time: the same text gives the same bytes."""
    subprocess.run(["zstd", "-q", "-f", "-19", "-o", path], input=text.encode(), check=True)


def words(text):
    """Lower-case words without accents and punctuation, joined and surrounded by single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " " + " ".join(re.findall(r"\w+", plain.replace("&", " and "))) + " "
