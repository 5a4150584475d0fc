"""What the stages of the matcher learn from: rows, labels, weights, and the features that compare candidates.

The features of each candidate come from the engine itself (`cargo run --example features`); what is added
here from the first stage's scores is computed by `crates/resolve/src/compare.rs` in the same way.
"""
import collections
import hashlib
import json
import zipfile

import numpy as np

LOGIT = 4096
NONE = -10 * LOGIT
KEPT_MIN = -4 * LOGIT
KEPT_MAX = 8
COMPARED = ['logit', 'logit_rank', 'logit_overlapping', 'logit_apart', 'logit_beside', 'logit_ancestor',
            'logit_descendant', 'logit_related', 'likely', 'likely_beside', 'likely_overlapping']


class Registry:
    """The relations of a ROR dump."""

    def __init__(self, path):
        archive = zipfile.ZipFile(path)
        member = next(name for name in archive.namelist() if name.endswith('_schema_v2.json') or name.endswith('.json'))
        self.records = {record['id']: record for record in json.loads(archive.read(member))}
        relation = lambda kind: {i: {r['id'] for r in d['relationships'] if r['type'] == kind} for i, d in self.records.items()}
        self.parents, self.related, self.successors = relation('parent'), relation('related'), relation('successor')
        self._ancestors = {}

    def ancestors(self, ror_id):
        if ror_id not in self._ancestors:
            found, generation = set(), {ror_id}
            for _ in range(4):
                generation = {p for child in generation for p in self.parents.get(child, ())} - found
                found |= generation
            self._ancestors[ror_id] = found - {ror_id}
        return self._ancestors[ror_id]

    def met_by(self, ror_ids):
        """A retired label is also met by its successors."""
        ids = set(ror_ids)
        for ror_id in ror_ids:
            if self.records.get(ror_id, {}).get('status', 'active') != 'active':
                ids |= self.successors.get(ror_id, set())
        return ids


def load(folder, registry):
    names = open(f'{folder}/names.txt').read().split()
    X = np.fromfile(f'{folder}/features.i32', dtype='<i4').reshape(-1, len(names))
    rows, start = [], 0
    for line in open(f'{folder}/rows.jsonl'):
        row = json.loads(line)
        row['start'], row['end'] = start, start + len(row['candidates'])
        start = row['end']
        row['gold'] = registry.met_by(row['ror_ids'])
        row['fold'] = int(hashlib.sha1(row['affiliation'].encode()).hexdigest(), 16) % 5
        row['used'] = row.get('in_registry', True) or not row['ror_ids']
        rows.append(row)
    assert start == len(X)
    return names, X, rows


def overlap(a, b):
    return a[1] < b[2] and b[1] < a[2]


def kept(row, logits):
    """The candidates that the second stage looks at, best first: positions in the row."""
    own = logits[row['start']:row['end']]
    order = np.lexsort((np.arange(len(own)), -own))
    return [k for k in order[:KEPT_MAX] if own[k] >= KEPT_MIN]


def compared(row, keep, logits, statement, registry):
    """What the first stage says of the others, for each kept candidate."""
    C = row['candidates']
    z = {k: int(logits[row['start'] + k]) for k in keep}
    st = {k: int(statement[row['start'] + k]) for k in keep}
    out = []
    for rank, k in enumerate(keep):
        f = dict.fromkeys(COMPARED, NONE)
        f['logit'], f['logit_rank'] = z[k], rank
        f['likely'] = f['likely_beside'] = f['likely_overlapping'] = 0
        up, down = registry.ancestors(C[k][0]), None
        for o in keep:
            if o == k:
                continue
            if overlap(C[o], C[k]):
                f['logit_overlapping'] = max(f['logit_overlapping'], z[o])
                f['likely_overlapping'] += z[o] > 0
            else:
                f['logit_apart'] = max(f['logit_apart'], z[o])
                if st[o] == st[k]:
                    f['logit_beside'] = max(f['logit_beside'], z[o])
                    f['likely_beside'] += z[o] > 0
            f['likely'] += z[o] > 0
            if C[o][0] in up:
                f['logit_ancestor'] = max(f['logit_ancestor'], z[o])
            elif C[k][0] in registry.ancestors(C[o][0]):
                f['logit_descendant'] = max(f['logit_descendant'], z[o])
            elif C[o][0] in registry.related.get(C[k][0], ()):
                f['logit_related'] = max(f['logit_related'], z[o])
        out.append([f[name] for name in COMPARED])
    return out
