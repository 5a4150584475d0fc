#!/usr/bin/env python3
"""Trains the matcher and writes it as the text file that the engine reads.

    cargo run --release -p whence-resolve --example features -- SNAPSHOT FOLDER GOLD.jsonl ...
    python3 training/train.py --features FOLDER --ror DUMP.zip --out data/model/matcher.txt

Three sums of boosted trees: `first` scores every candidate by itself; `rank` and `set` see the best few of an
address together with what `first` says of the others (see stages.py). `first` is scored out of fold before the
others learn from it, so that they see scores as they will be. All seeds are fixed. With --held-out K, fold K of five
(SHA-1 of the address, modulo 5) is left out of everything, for measuring.
"""
import argparse
import time

import lightgbm
import numpy as np

from stages import COMPARED, LOGIT, Registry, compared, kept, load, overlap

FOLDS = 5
WEIGHTS = {'ror_logs': 3, 'ror_logs_v2': 3, 's2aff': 1.5, 'pubmed_exact': 2}
COMMON = dict(objective='binary', bagging_fraction=.8, bagging_freq=1, lambda_l2=5, verbose=-1, seed=1,
              deterministic=True, force_row_wise=True)
FIRST = dict(COMMON, learning_rate=.15, num_leaves=24, min_data_in_leaf=40, feature_fraction=.6)
SECOND = dict(COMMON, learning_rate=.1, num_leaves=31, min_data_in_leaf=30, feature_fraction=.5)


def row_weight(row):
    """Rows whose institution the registry lacks teach what must not be matched; they name others too at times."""
    return WEIGHTS.get(row['set'], 1) * (1 if row['used'] else .4)


def prepare(rows):
    for row in rows:
        if not row['used']:
            row['gold'] = set()
    return rows


def first_labels(X, rows):
    y, w, fold = np.zeros(len(X), np.int8), np.zeros(len(X)), np.full(len(X), -1)
    for row in rows:
        for k, candidate in enumerate(row['candidates']):
            at = row['start'] + k
            y[at], fold[at] = candidate[0] in row['gold'], row['fold']
            named_parent = candidate[0] in row.get('named_parents', ())
            w[at] = 0 if named_parent else row_weight(row)
    return y, w, fold


def second_rows(X, names, rows, scores, registry):
    """Features, labels and the two weights of every kept candidate."""
    statement = X[:, names.index('statements_before')]
    F, y, fold, w_rank, w_set = [], [], [], [], []
    for row in rows:
        row['kept'], row['second'] = kept(row, scores), len(F)
        C = row['candidates']
        gold = [k for k in row['kept'] if C[k][0] in row['gold']]
        extra = compared(row, row['kept'], scores, statement, registry)
        for k, more in zip(row['kept'], extra):
            right, parent = C[k][0] in row['gold'], C[k][0] in row.get('named_parents', ())
            F.append(np.concatenate([X[row['start'] + k], more]))
            y.append(right)
            fold.append(row['fold'])
            w_rank.append(0 if parent else row_weight(row))
            w_set.append(set_weight(row, k, right, parent, gold, scores))
    return np.array(F), np.array(y, np.int8), np.array(fold), np.array(w_rank), np.array(w_set)


def set_weight(row, k, right, parent, gold, scores):
    """Rows with one label do not say that what stands elsewhere in the address is wrong."""
    C, weight = row['candidates'], row_weight(row)
    if row['set'].startswith('pubmed_exact'):
        return 1.5 if parent else 4
    rival = any(overlap(C[g], C[k]) for g in gold)
    if not row['gold'] or right or rival or scores[row['start'] + k] < -2 * LOGIT:
        return weight
    return weight * (.5 if row['set'].startswith('s2aff') else .15)


def fit(parameters, X, y, w, rounds, threads):
    used = w > 0
    data = lightgbm.Dataset(X[used], y[used], weight=w[used])
    return lightgbm.train(dict(parameters, num_threads=threads), data, rounds)


def score(model, X):
    return np.round(model.predict(X, raw_score=True) * LOGIT).astype(int)


def isotonic(values, right, weights):
    from sklearn.isotonic import IsotonicRegression
    order = np.argsort(values)
    model = IsotonicRegression(y_min=0, y_max=1).fit(values[order], right[order], sample_weight=weights[order])
    grid = np.unique(np.quantile(values, np.linspace(0, 1, 60)).astype(int))
    # A moving mean takes the steps out of the staircase.
    smooth = np.convolve(np.pad(model.predict(grid), 2, mode='edge'), np.ones(5) / 5, mode='valid')
    return [(int(v), int(round(min(.995, s) * 10_000))) for v, s in zip(grid, np.maximum.accumulate(smooth))]


def calibrate(rows, rank, belongs, rank_min, set_min):
    """Confidence of the first answer: five sets, each with the same weight."""
    values, right, sets = [], [], []
    for row in rows:
        here = range(row['second'], row['second'] + len(row['kept']))
        stand = [i for i in here if rank[i] >= rank_min or belongs[i] >= set_min]
        for i in stand[:0] or ([max(stand, key=lambda i: rank[i])] if stand and row['used'] else []):
            values.append(int(rank[i]) // 2 + int(belongs[i]) // 2)
            right.append(row['candidates'][row['kept'][i - row['second']]][0] in row['gold'])
            sets.append(row['set'])
    size = {s: sets.count(s) for s in set(sets)}
    weights = np.array([1 / size[s] for s in sets])
    return isotonic(np.array(values), np.array(right, float), weights)


def lines_of(model, names):
    """The trees as text: see `Trees::parse`."""
    dump, out, bias = model.dump_model(), [' '.join(names)], 0
    for tree in dump['tree_info']:
        root = tree['tree_structure']
        if 'leaf_value' in root:
            bias += root['leaf_value']
            continue
        nodes, leaves = [], []

        def visit(node):
            if 'leaf_value' in node:
                leaves.append(round(node['leaf_value'] * LOGIT))
                return -len(leaves)
            at = len(nodes)
            nodes.append(None)
            left, right = visit(node['left_child']), visit(node['right_child'])
            nodes[at] = f"{node['split_feature']} {int(np.floor(node['threshold']))} {left} {right}"
            return at

        visit(root)
        out += ['tree', *nodes, 'leaves ' + ' '.join(map(str, leaves))]
    assert round(bias * LOGIT) == 0, 'a constant tree with a value'
    return '\n'.join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--features', required=True, help='folder written by the example `features`')
    parser.add_argument('--ror', required=True, help='the ROR dump of the snapshot (zip)')
    parser.add_argument('--out', required=True)
    parser.add_argument('--held-out', type=int, help='a fold from 0 to 4 to leave out')
    parser.add_argument('--rounds', type=int, nargs=2, default=(60, 120), help='trees of the first and the second look')
    parser.add_argument('--thresholds', type=float, nargs=2, default=(.5, .4), help='least probabilities: rank, set')
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    started = time.time()

    registry = Registry(options.ror)
    names, X, rows = load(options.features, registry)
    prepare(rows)
    y, w, fold = first_labels(X, rows)
    if options.held_out is not None:
        w[fold == options.held_out] = 0
        rows = [row for row in rows if row['fold'] != options.held_out]
    first = fit(FIRST, X, y, w, options.rounds[0], options.threads)
    scores = score(first, X)
    for k in range(FOLDS):
        if k != options.held_out:
            inside = np.where(fold == k, 0, w)
            scores[fold == k] = score(fit(FIRST, X, y, inside, options.rounds[0], options.threads), X[fold == k])

    F, y2, fold2, w_rank, w_set = second_rows(X, names, rows, scores, registry)
    out_of_fold = {}
    final = {}
    for name, weights in (('rank', w_rank), ('set', w_set)):
        final[name] = fit(SECOND, F, y2, weights, options.rounds[1], options.threads)
        out_of_fold[name] = np.zeros(len(F), int)
        for k in set(fold2):
            inside = np.where(fold2 == k, 0, weights)
            model = fit(SECOND, F, y2, inside, options.rounds[1], options.threads)
            out_of_fold[name][fold2 == k] = score(model, F[fold2 == k])
    rank_min, set_min = (round(np.log(p / (1 - p)) * LOGIT) for p in options.thresholds)
    steps = calibrate(rows, out_of_fold['rank'], out_of_fold['set'], rank_min, set_min)

    everything = names + COMPARED
    with open(options.out, 'w') as out:
        out.write(f'[thresholds]\n{rank_min} {set_min}\n')
        out.write('[calibration]\n' + ' '.join(f'{v}:{c}' for v, c in dict(steps).items()) + '\n')
        out.write('[first]\n' + lines_of(first, names) + '\n')
        out.write('[rank]\n' + lines_of(final['rank'], everything) + '\n')
        out.write('[set]\n' + lines_of(final['set'], everything) + '\n')
    np.savez(options.features + '/out_of_fold.npz', **out_of_fold)
    print(f'{len(rows)} rows, {len(X)} candidates, {len(F)} looked at twice, {time.time() - started:.0f} s')


if __name__ == '__main__':
    main()
