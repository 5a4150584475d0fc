"""PostgreSQL's pg_trgm with a GIN index, in a server of its own on a socket in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from registry import normalised, segments

# What pg_trgm itself takes for similar: the index gives nothing below it.
SIMILAR = 0.3
QUERY = """
    SELECT ror_id, text, similarity(text, %(words)s) AS score FROM names
    WHERE text %% %(words)s AND (%(acronyms)s OR NOT acronym)
    ORDER BY score DESC LIMIT 50
"""


class Trigrams:
    """A running server with the names in it."""

    name = "pg_trgm, GIN"
    variants = ["whole address", "segments", "segments, with acronyms"]

    def __init__(self, registry):
        self.registry = registry
        self.by_text = {}
        for name in registry.names:
            self.by_text.setdefault((name.ror_id, name.text), name)

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="whence-trigrams-"))
        self.owner = None
        if os.geteuid() == 0:
            # The server refuses to run as root.
            self.owner = pwd.getpwnam("postgres").pw_name
            shutil.chown(self.folder, self.owner)
        self.run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self.run("pg_ctl", "--wait", "--silent", f"--log={self.folder}/log", f"--options={options}", "start")
        self.connection = psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        )
        self.fill()
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.run("pg_ctl", "--wait", "--silent", "--mode=fast", "stop")
        shutil.rmtree(self.folder)

    def run(self, program, *arguments):
        """Runs a program of the server, wherever the distribution keeps it."""
        found = shutil.which(program) or next(
            iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
        )
        if found is None:
            raise SystemExit(f"{program} is not installed; install the packages postgresql and postgresql-contrib")
        command = [found, "--pgdata", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, user=self.owner, cwd=self.folder, stdout=subprocess.DEVNULL)

    def fill(self):
        with self.connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute("CREATE TABLE names (ror_id text, text text, acronym boolean)")
            with cursor.copy("COPY names FROM STDIN") as copy:
                for name in self.registry.names:
                    copy.write_row((name.ror_id, name.text, name.acronym))
            cursor.execute("CREATE INDEX ON names USING gin (text gin_trgm_ops)")
            cursor.execute("ANALYZE names")
            # One process, as for the others.
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute(f"SET pg_trgm.similarity_threshold = {SIMILAR}")

    def best(self, address, variant):
        """The id and the score of the most similar name; no id if none is similar."""
        parts = segments(address) if variant.startswith("segments") else [normalised(address)]
        rows = []
        for words in parts:
            parameters = {"words": words, "acronyms": variant.endswith("acronyms")}
            rows.extend(self.connection.execute(QUERY, parameters, prepare=True).fetchall())
        if not rows:
            return None, 0.0
        top = max(score for *_, score in rows)
        names = [self.by_text[ror_id, text] for ror_id, text, score in rows if score == top]
        return self.registry.fitting(names, address).ror_id, top
