"""Exercises of chapter 6."""

import numpy as np


def _several(key, *wrong):
    """Mistakes that one message fits."""
    return [(function, key) for function in wrong]


# ---- 6.1: TensorFlow ----


def traces(lengths, size, multiple):
    shapes = set()
    for i in range(0, len(lengths), size):
        part = lengths[i:i + size]
        shapes.add((len(part), -(-max(part) // multiple)))
    return len(shapes)


def _widths(lengths, size, multiple):
    """The width of each batch, rounded up."""
    return [int(np.ceil(max(lengths[i:i + size]) / multiple)) * multiple
            for i in range(0, len(lengths), size)]


def _traces_last_apart(lengths, size, multiple):
    whole = len(lengths) // size * size
    return (len(set(_widths(lengths[:whole], size, multiple)))
            + (whole < len(lengths)))


def _traces_whole_batches(lengths, size, multiple):
    whole = len(lengths) // size * size
    return len(set(_widths(lengths[:whole], size, multiple)))


def _traces_down(lengths, size, multiple):
    parts = [lengths[i:i + size] for i in range(0, len(lengths), size)]
    return len({(len(part), max(part) // multiple) for part in parts})


def _draw_traces(rng):
    n = int(rng.integers(4, 13))
    return (rng.integers(1, 13, n).tolist(), int(rng.integers(2, 4)),
            int(rng.integers(2, 5)))


def overlapped(a, b, n):
    return a + (n - 1) * max(a, b) + b


def _overlapped_clock(a, b, n):
    loaded = trained = 0
    for _ in range(n):
        loaded += a
        trained = max(loaded, trained) + b
    return trained


# ---- 6.2: PyTorch ----


def coast(v, mu, n):
    return v * mu * (1 - mu**n) / (1 - mu)


def _coast_steps(v, mu, n):
    w = 0.0
    for _ in range(n):
        v = mu * v
        w += v
    return w


def head(in_proj, n_heads, part, k):
    D = in_proj.shape[1]
    first = part * D + k * (D // n_heads)
    return in_proj[first:first + D // n_heads].T


def _head_reshaped(in_proj, n_heads, part, k):
    D = in_proj.shape[1]
    return in_proj.reshape(3, n_heads, D // n_heads, D)[part, k].T


def _head_split(in_proj, n_heads, part, k):
    return np.split(np.split(in_proj.T, 3, axis=1)[part], n_heads, axis=1)[k]


def _head_not_turned(in_proj, n_heads, part, k):
    return head(in_proj, n_heads, part, k).T


def _head_by_columns(in_proj, n_heads, part, k):
    D, W = in_proj.shape[1], np.split(in_proj, 3)[part]
    return W[:, k * (D // n_heads):(k + 1) * (D // n_heads)]


def _head_in_turns(in_proj, n_heads, part, k):
    return np.split(in_proj, 3)[part][k::n_heads].T


def _head_parts_inside(in_proj, n_heads, part, k):
    D = in_proj.shape[1]
    return in_proj.reshape(n_heads, 3, D // n_heads, D)[k, part].T


def _head_reshaped_across(in_proj, n_heads, part, k):
    return _head_not_turned(in_proj, n_heads, part, k).reshape(
        in_proj.shape[1], -1)


# ---- 6.3: Transformers ----


def merge(symbols, pair):
    out = []
    for s in symbols:
        if out and (out[-1], s) == pair:
            out[-1] += s
        else:
            out.append(s)
    return out


def _merge_jumps(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        n = 2 if tuple(symbols[i:i + 2]) == pair else 1
        out.append("".join(symbols[i:i + n]))
        i += n
    return out


def _merge_iterator(symbols, pair):
    rest, out = iter([*symbols, None]), []
    s = next(rest)
    while s is not None:
        after = next(rest)
        if (s, after) == pair:
            s, after = s + after, next(rest)
        out.append(s)
        s = after
    return out


def _merge_again(symbols, pair):
    """Looks for each pair from the beginning again."""
    out, start = list(symbols), 0
    while True:
        for i in range(len(out) - 1):
            if i >= start and (out[i], out[i + 1]) == pair:
                out[i:i + 2] = [out[i] + out[i + 1]]
                start = i + 1
                break
        else:
            return out


def _merge_overlapping(symbols, pair):
    out = list(symbols[:1])
    for before, s in zip(symbols, symbols[1:]):
        if (before, s) == pair:
            out[-1] += s
        else:
            out.append(s)
    return out


def _merge_once(symbols, pair):
    for i in range(len(symbols) - 1):
        if (symbols[i], symbols[i + 1]) == pair:
            return [*symbols[:i], "".join(pair), *symbols[i + 2:]]
    return list(symbols)


def _merge_from_the_right(symbols, pair):
    turned = _merge_jumps([s[::-1] for s in symbols[::-1]],
                          tuple(s[::-1] for s in pair[::-1]))
    return [s[::-1] for s in turned[::-1]]


def _merge_either_way(symbols, pair):
    out = []
    for s in symbols:
        if out and (out[-1], s) in (pair, pair[::-1]):
            out[-1] += s
        else:
            out.append(s)
    return out


def _merge_drops(symbols, pair):
    return [s for s in _merge_jumps(symbols, pair) if s == "".join(pair)]


def _draw_merge(rng):
    letters = ["a", "b", "ab"]
    return ([letters[k] for k in rng.integers(0, 3, rng.integers(2, 9))],
            (letters[rng.integers(2)], letters[rng.integers(2)]))


def wordpiece(word, known):
    pieces, begin = [], 0
    while begin < len(word):
        mark, end = "##" if begin else "", len(word)
        while mark + word[begin:end] not in known:
            end -= 1
            if end == begin:
                return ["[UNK]"]
        pieces.append(mark + word[begin:end])
        begin = end
    return pieces


def _wordpiece_recursive(word, known, mark=""):
    for end in range(len(word), 0, -1):
        if mark + word[:end] in known:
            rest = _wordpiece_recursive(word[end:], known, "##")
            return rest if rest == ["[UNK]"] else [mark + word[:end], *rest]
    return ["[UNK]"] if word else []


def _wordpiece_list(word, known):
    pieces, mark = [], ""
    while word:
        fit = [p for p in known if len(p) > len(mark)
               and p.startswith(mark) and word.startswith(p[len(mark):])]
        if not fit:
            return ["[UNK]"]
        pieces.append(max(fit, key=len))
        word, mark = word[len(pieces[-1]) - len(mark):], "##"
    return pieces


def _wordpiece_unmarked(word, known):
    bare = {p.removeprefix("##") for p in known}
    return [p.removeprefix("##") for p in wordpiece(
        word, bare | {"##" + p for p in bare})]


def _wordpiece_marks_all(word, known):
    found = wordpiece(word, known)
    return found if found == ["[UNK]"] else [
        "##" + p.removeprefix("##") for p in found]


def _wordpiece_keeps(word, known):
    for end in range(len(word), 0, -1):
        found = wordpiece(word[:end], known)
        if found != ["[UNK]"]:
            return found + ["[UNK]"] * (end < len(word))
    return ["[UNK]"]


def _wordpiece_shortest(word, known, mark=""):
    for end in range(1, len(word) + 1):
        if mark + word[:end] in known:
            rest = _wordpiece_shortest(word[end:], known, "##")
            return rest if rest == ["[UNK]"] else [mark + word[:end], *rest]
    return ["[UNK]"] if word else []


def _wordpiece_goes_back(word, known, mark=""):
    if not word:
        return []
    for end in range(len(word), 0, -1):
        if mark + word[:end] in known:
            rest = _wordpiece_goes_back(word[end:], known, "##")
            if rest != ["[UNK]"]:
                return [mark + word[:end], *rest]
    return ["[UNK]"]


def _draw_wordpiece(rng):
    word = "".join(rng.choice(list("abc"), rng.integers(3, 9)))
    some = {word[:n] for n in rng.integers(1, 4, 2).tolist()}
    begins = rng.integers(1, len(word), 6).tolist()
    some |= {"##" + word[i:i + n]
             for i, n in zip(begins, rng.integers(1, 4, 6).tolist())}
    some |= {"##" + c for c in "abc" if rng.random() < 0.8}
    return word, sorted(some)


# ---- 6.4: Keras ----


def epochs_run(losses, patience):
    for n in range(patience + 1, len(losses)):
        if min(losses[n - patience:n]) >= min(losses[:n - patience]):
            return n
    return len(losses)


def _epochs_run_waits(losses, patience):
    best, wait = float("inf"), 0
    for n, loss in enumerate(losses, 1):
        wait = 0 if loss < best else wait + 1
        best = min(best, loss)
        if wait == patience:
            return n
    return len(losses)


def _epochs_run_last_best(losses, patience):
    best = 0
    for n in range(len(losses)):
        if losses[n] < losses[best]:
            best = n
        if n - best >= patience:
            return n + 1
    return len(losses)


def _epochs_run_previous(losses, patience):
    wait = 0
    for n in range(1, len(losses)):
        wait = 0 if losses[n] < losses[n - 1] else wait + 1
        if wait == patience:
            return n + 1
    return len(losses)


def _epochs_run_total(losses, patience):
    best, wait = float("inf"), 0
    for n, loss in enumerate(losses, 1):
        wait += loss >= best
        best = min(best, loss)
        if wait == patience:
            return n
    return len(losses)


def _draw_epochs(rng):
    n = rng.integers(3, 10)
    return (rng.integers(1, 9, n) / 10).tolist(), int(rng.integers(1, 4))


# ---- 6.5: TensorBoard ----


def smooth(values, w):
    out, s = [], 0
    for n, v in enumerate(values, 1):
        s = w * s + (1 - w) * v
        out.append(s / (1 - w**n))
    return out


def _smooth_matrix(values, w):
    n = np.arange(len(values))
    M = np.tril(w**np.abs(n[:, None] - n))
    return M @ values / M.sum(axis=1)


def _smooth_two_sums(values, w):
    out, above, below = [], 0.0, 0.0
    for v in values:
        above, below = w * above + v, w * below + 1
        out.append(above / below)
    return np.array(out)


def _smooth_from_zero(values, w):
    out = [0]
    for v in values:
        out.append(w * out[-1] + (1 - w) * v)
    return out[1:]


def _smooth_from_first(values, w):
    out = [values[0]]
    for v in values[1:]:
        out.append(w * out[-1] + (1 - w) * v)
    return out


def _smooth_corrects_twice(values, w):
    out, s = [], 0
    for n, v in enumerate(values, 1):
        s = (w * s + (1 - w) * v) / (1 - w**n)
        out.append(s)
    return out


_rng = np.random.default_rng(6)

def _wordpiece_with(looked=lambda mark, piece: mark + piece,
                    shown=lambda mark, piece: mark + piece,
                    ends=lambda begin, n: range(n, begin, -1),
                    lost=lambda pieces, rest: ["[UNK]"],
                    after=lambda begin, end, mark: end):
    """Longest match with another rule at one point."""
    def wrong(word, known):
        pieces, begin = [], 0
        while begin < len(word):
            mark = "##" if begin else ""
            for end in ends(begin, len(word)):
                if looked(mark, word[begin:end]) in known:
                    break
            else:
                return lost(pieces, word[begin:])
            pieces.append(shown(mark, word[begin:end]))
            begin = after(begin, end, mark)
        return pieces
    return wrong


def _wordpiece_either(word, known):
    return wordpiece(word, {*known} | {
        "##" + p for p in known if not p.startswith("##")})


def _wordpiece_skips(word, known):
    pieces, begin = [], 0
    while begin < len(word):
        for end in range(len(word), begin, -1):
            if "##" * (begin > 0) + word[begin:end] in known:
                pieces.append("##" * (begin > 0) + word[begin:end])
                break
        else:
            end = begin + 1
        begin = end
    return pieces or ["[UNK]"]


def _wordpiece_from_end(word, known):
    pieces, end = [], len(word)
    while end:
        for begin in range(end):
            piece = "##" * (begin > 0) + word[begin:end]
            if piece in known:
                break
        else:
            return ["[UNK]"]
        pieces, end = [piece, *pieces], begin
    return pieces


def _wordpiece_renamed(name):
    """What stands for an unknown word is another."""
    def wrong(word, known):
        found = wordpiece(word, known)
        return name(word) if found == ["[UNK]"] else found
    return wrong


EXERCISES = {
    "6.traces": {
        "level": "medium", "lines": 5, "solution": traces,
        "others": [
            _traces_last_apart,
            lambda lengths, size, multiple: len({
                (len(lengths[i:i + size]),
                 (max(lengths[i:i + size]) + multiple - 1) // multiple)
                for i in range(0, len(lengths), size)})],
        "cases": [([3, 5, 2, 8, 7], 2, 4), ([3, 5, 2, 8, 7, 7], 2, 4),
                  ([4, 1, 2, 9, 12, 3, 5, 6, 7], 3, 4),
                  ([2, 6, 5, 1, 8, 3, 9], 2, 3),
                  ([5, 5, 6, 6, 7, 7, 8, 8], 2, 1), ([3, 4], 5, 8),
                  ([1, 9, 12, 3, 10, 4], 2, 4), ([7, 2, 7, 1, 3, 4], 2, 4),
                  ([1, 2, 9, 3, 1, 4], 2, 4)],
        "draw": _draw_traces,
        "mistakes": [
            (lambda lengths, size, multiple: len(set(
                _widths(lengths, size, multiple))), "6.traces.rows"),
            (lambda lengths, size, multiple: traces(lengths, size, 1),
             "6.traces.round"),
            (_traces_down, "6.traces.down"),
            (lambda lengths, size, multiple: -(-len(lengths) // size),
             "6.traces.batches"),
            (_traces_whole_batches, "6.traces.last"),
            (lambda lengths, size, multiple: traces(lengths, 1, multiple),
             "6.traces.texts"),
        ],
        "hint": "6.traces.hint",
    },
    "6.overlapped": {
        "level": "easy", "lines": 1, "solution": overlapped,
        "others": [_overlapped_clock,
                   lambda a, b, n: min(a, b) + n * max(a, b)],
        "cases": [(2, 3, 4), (3, 2, 5), (4, 1, 1), (0.5, 6.0, 10),
                  (7.0, 0.2, 3)],
        "mistakes": [
            (lambda a, b, n: n * (a + b), "6.overlapped.sum"),
            (lambda a, b, n: n * max(a, b), "6.overlapped.ends"),
            (lambda a, b, n: a + n * max(a, b), "6.overlapped.last"),
            (lambda a, b, n: a + n * b, "6.overlapped.loads"),
            (lambda a, b, n: a + (n - 1) * min(a, b) + b,
             "6.overlapped.min"),
        ],
        "hint": "6.overlapped.hint",
    },
    "6.coast": {
        "level": "medium", "lines": 1, "solution": coast,
        "others": [_coast_steps,
                   lambda v, mu, n: v * sum(mu**k for k in range(1, n + 1))],
        "cases": [(1.0, 0.5, 2), (2.0, 0.9, 1), (-0.3, 0.8, 5),
                  (0.5, 0.9, 30), (3.0, 0.0, 4)],
        "mistakes": [
            (lambda v, mu, n: 0.0, "6.coast.torch"),
            (lambda v, mu, n: v * (1 - mu**n) / (1 - mu), "6.coast.first"),
            (lambda v, mu, n: v * mu / (1 - mu), "6.coast.forever"),
            (lambda v, mu, n: n * mu * v, "6.coast.constant"),
            (lambda v, mu, n: v * mu**n, "6.coast.last"),
        ],
        "hint": "6.coast.hint",
    },
    "6.head": {
        "level": "medium", "lines": 3, "solution": head,
        "others": [_head_reshaped, _head_split],
        "cases": [(_rng.normal(size=(3 * D, D)).round(1), n_heads, part, k)
                  for D, n_heads, part, k in (
                      (4, 2, 0, 0), (4, 2, 1, 1), (6, 2, 2, 0), (6, 3, 0, 2),
                      (6, 2, 1, 0))],
        "mistakes": [
            (_head_not_turned, "6.head.turned"),
            (_head_reshaped_across, "6.head.reshape"),
            (_head_by_columns, "6.head.columns"),
            (_head_in_turns, "6.head.turns"),
            (_head_parts_inside, "6.head.parts"),
        ],
        "hint": "6.head.hint",
    },
    "6.merge": {
        "level": "medium", "lines": 9, "solution": merge,
        "others": [_merge_jumps, _merge_iterator],
        "large": {"case": (list("ab") * 15_000, ("a", "b")), "seconds": 0.3},
        "slow": [_merge_again],
        "cases": [(list("banana"), ("a", "n")), (list("xaaax"), ("a", "a")),
                  (["th", "e", "r", "e"], ("r", "e")), (["b", "a"],
                                                         ("a", "b")),
                  (["ab", "a", "b", "ab"], ("a", "b")), ([], ("a", "b")),
                  (["ba", "n"], ("a", "n")), (["an", "n", "a"], ("a", "nn"))],
        "draw": _draw_merge,
        "mistakes": [
            (_merge_overlapping, "6.merge.overlapping"),
            (_merge_once, "6.merge.once"),
            (_merge_from_the_right, "6.merge.right"),
            (_merge_either_way, "6.merge.either"),
            (_merge_drops, "6.merge.drops"),
        ],
        "hint": "6.merge.hint",
    },
    "6.wordpiece": {
        "level": "hard", "lines": 10, "solution": wordpiece,
        "others": [_wordpiece_recursive, _wordpiece_list],
        "cases": [("unable", ["un", "una", "able", "##a", "##able", "##ble",
                              "##b", "##l", "##e"]),
                  ("tea", ["tea", "t", "##ea"]),
                  ("teapot", ["tea", "pot", "##pot", "##po", "##t", "t"]),
                  ("abc", ["ab", "a", "##bc", "##b"]),
                  ("aab", ["a", "##a", "##ab", "b"]),
                  ("xyz", ["x", "##y", "z"]), ("b", ["a", "##b"])],
        "draw": _draw_wordpiece,
        "mistakes": [
            (_wordpiece_unmarked, "6.wordpiece.unmarked"),
            (_wordpiece_marks_all, "6.wordpiece.first"),
            (_wordpiece_keeps, "6.wordpiece.whole"),
            (_wordpiece_shortest, "6.wordpiece.shortest"),
            (_wordpiece_goes_back, "6.wordpiece.back"),
            *_several("6.wordpiece.unmarked",
                      _wordpiece_with(looked=lambda mark, piece: piece,
                                      shown=lambda mark, piece: piece),
                      _wordpiece_with(shown=lambda mark, piece: piece),
                      _wordpiece_with(looked=lambda mark, piece: piece),
                      _wordpiece_with(shown=lambda mark, piece: piece + mark),
                      _wordpiece_with(
                          shown=lambda mark, piece: mark[:1] + piece),
                      _wordpiece_either),
            *_several("6.wordpiece.shortest", _wordpiece_with(
                ends=lambda begin, n: range(n, begin, -1) if begin else range(
                    1, n + 1))),
            (_wordpiece_with(ends=lambda begin, n: range(n - 1, begin, -1)),
             "6.wordpiece.end"),
            (_wordpiece_with(ends=lambda begin, n: range(n, begin + 1, -1)),
             "6.wordpiece.single"),
            *_several("6.wordpiece.whole",
                      _wordpiece_with(lost=lambda pieces, rest: pieces),
                      _wordpiece_with(lost=lambda pieces, rest: [
                          *pieces, rest]),
                      _wordpiece_with(lost=lambda pieces, rest: [
                          *pieces, "##" * bool(pieces) + rest]),
                      _wordpiece_skips,
                      *map(_wordpiece_renamed, (
                          lambda word: [], lambda word: None,
                          lambda word: [word],
                          lambda word: ["[UNK]"] * len(word)))),
            *_several("6.wordpiece.list",
                      _wordpiece_renamed(lambda word: "[UNK]"),
                      lambda word, known: " ".join(wordpiece(word, known)),
                      lambda word, known: "".join(wordpiece(word, known))),
            *_several("6.wordpiece.name",
                      _wordpiece_renamed(lambda word: ["UNK"]),
                      _wordpiece_renamed(lambda word: ["[unk]"]),
                      _wordpiece_renamed(lambda word: ["<unk>"])),
            (lambda word, known: [word] if word in known else ["[UNK]"],
             "6.wordpiece.pieces"),
            (_wordpiece_from_end, "6.wordpiece.left"),
            (_wordpiece_with(after=lambda begin, end, mark: end + len(mark)),
             "6.wordpiece.marks"),
        ],
        "hint": "6.wordpiece.hint",
    },
    "6.epochs_run": {
        "level": "medium", "lines": 7, "solution": epochs_run,
        "others": [_epochs_run_waits, _epochs_run_last_best],
        "cases": [([5.0, 4.0, 3.0, 2.0], 2), ([3.0, 2.0, 2.5, 2.4, 1.0], 2),
                  ([3.0, 2.0, 2.5, 1.9, 2.0, 2.1, 2.2], 3),
                  ([1.0, 1.0, 1.0, 0.5], 1), ([2.0, 3.0, 1.0, 2.0, 0.5], 2),
                  ([4.0, 3.0, 3.5, 3.2, 3.1, 2.0], 3), ([2.0, 3.0], 4),
                  ([3.0, 2.0, 4.0, 1.0], 2), ([2.0], 1)],
        "draw": _draw_epochs,
        "mistakes": [
            (_epochs_run_previous, "6.epochs_run.previous"),
            (_epochs_run_total, "6.epochs_run.total"),
            (lambda losses, patience: _epochs_run_waits(losses, patience + 1),
             "6.epochs_run.more"),
            (lambda losses, patience: int(np.argmin(losses)) + 1,
             "6.epochs_run.best"),
        ],
        "hint": "6.epochs_run.hint",
    },
    "6.smooth": {
        "level": "medium", "lines": 5, "solution": smooth,
        "others": [_smooth_matrix, _smooth_two_sums],
        # lists, as in the text and in the chapter
        "cases": [([4.0, 2.0, 3.0], 0.5), ([1, 1, 1, 1], 0.9),
                  (_rng.normal(size=7).tolist(), 0.8), ([5.0], 0.6),
                  ([3.0, 1.0], 0.0)],
        "mistakes": [
            (_smooth_from_zero, "6.smooth.zero"),
            (_smooth_from_first, "6.smooth.first"),
            (lambda values, w: smooth(values, 1 - w), "6.smooth.weight"),
            (_smooth_corrects_twice, "6.smooth.twice"),
        ],
        "hint": "6.smooth.hint",
    },
}
