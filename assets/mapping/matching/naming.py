"""Features of a pair of columns that come from their names and texts: letters, words, synonyms, concepts, meaning.

All are matrices of (sources, targets). Values and types are `evidence_of_values`, places and ranks `structure`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.contrast import heads_apart, opposed
from assets.mapping.matching.embedding import embed
from assets.mapping.matching.similarity import cosine, edit_similarity, grams, pairwise, shared, weighted_cosine, zeros
from assets.mapping.matching.words import concepts_of, letters_of, singular, split_name, synonym_groups, words_of

Likeness: TypeAlias = tuple[Matrix, dict[str, int], dict[str, int]]  # of words; rows and columns by word
_SYNONYM: Final = 0.85
_ABBREVIATED: Final = 0.75  # most that looking like an abbreviation is worth
_SPELLED: Final = 0.9  # factor of likeness of spelling
_MEANT: Final = 0.7  # most that nearness of single words' vectors is worth
_PARTNER: Final = 0.6  # likeness from which one word stands for the other
_NEAR: Final = 0.35  # cosine of two words' vectors from which it counts


@dataclass(frozen=True, slots=True)
class Named:
    """Names and texts of one side, read once."""

    columns: tuple[MatchColumn, ...]
    words: tuple[tuple[str, ...], ...]
    letters: tuple[str, ...]
    text_words: tuple[tuple[str, ...], ...]
    tables: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, columns: Sequence[MatchColumn]) -> "Named":
        return cls(
            tuple(columns),
            tuple(words_of(column.name) for column in columns),
            tuple(letters_of(column.name) for column in columns),
            tuple(_text_words(text_of(column)) for column in columns),
            tuple(words_of(column.table) if column.table else () for column in columns),
        )


def text_of(column: MatchColumn) -> str:
    """What people wrote about the column: its label and description."""
    parts = [part for part in (column.label, column.description) if part and part != column.name]
    return ". ".join(parts)


def _text_words(text: str) -> tuple[str, ...]:
    return tuple(singular(word) for word in split_name(text) if len(word) > 2)


def name_features(left: Named, right: Named) -> dict[str, Matrix]:
    """Letters and words of the names."""
    known = word_likeness(left.words, right.words)
    soft_left, soft_right = soft_overlap(left.words, right.words, known)
    left_over = left_without_partner(left.words, right.words, known)
    against, alone = opposed(left.words, right.words)
    both = soft_left + soft_right
    soft = np.divide(2 * soft_left * soft_right, both, out=np.zeros_like(both), where=both > 0)
    counts = np.array([len(set(w)) for w in left.words]), np.array([len(set(w)) for w in right.words])
    common = shared(left.words, right.words)
    concepts = [concepts_of(c.name) for c in left.columns], [concepts_of(c.name) for c in right.columns]
    sizes = [np.array([max(len(found), 1) for found in side]) for side in concepts]
    heads = [[(words[-1],) for words in side.words] for side in (left, right)]
    return {
        "name_same": (edit_similarity([" ".join(w) for w in left.words], [" ".join(w) for w in right.words]) >= 1)
        .astype(np.float32),
        "name_grams": weighted_cosine([grams(t) for t in left.letters], [grams(t) for t in right.letters]),
        "name_edit": edit_similarity(left.letters, right.letters),
        "name_jaccard": common / np.maximum(counts[0][:, None] + counts[1][None, :] - common, 1),
        "name_soft": soft,
        "name_covers_source": soft_left,
        "name_covers_target": soft_right,
        "name_acronym": _acronyms(left, right),
        "name_head": soft_overlap(heads[0], heads[1])[0],
        "name_opposed": against,
        "name_one_side": alone,
        "name_heads_apart": heads_apart(left.words, right.words),
        "name_left_source": left_over[0],
        "name_left_target": left_over[1],
        "name_left_both": np.minimum(*left_over),
        "name_concept": shared(*concepts) / np.sqrt(sizes[0][:, None] * sizes[1][None, :]),
    }  # fmt: skip


def text_features(left: Named, right: Named) -> dict[str, Matrix]:
    """Descriptions, and names looked for in the other side's description."""
    documents = [[(*w, *t) for w, t in zip(side.words, side.text_words, strict=True)] for side in (left, right)]
    texts = [[1.0 if side.text_words[at] else 0.0 for at in range(len(side.columns))] for side in (left, right)]
    has = np.outer(np.array(texts[0]), np.array(texts[1])).astype(np.float32)
    return {
        "text_tfidf": weighted_cosine(left.text_words, right.text_words),
        "full_tfidf": weighted_cosine(*documents),
        "name_in_text": _named_in_text(left, right),
        "text_names": _named_in_text(right, left).T,
        "text_opposed": opposed(*documents)[0] * has,
        "has_text": has,
    }


def meaning_features(left: Named, right: Named) -> dict[str, Matrix]:
    """Nearness of the vectors of names, texts and tables; zeros without a sentence model."""
    names = [embed([" ".join(words) for words in side.words]) for side in (left, right)]
    texts = [embed([text_of(column) for column in side.columns]) for side in (left, right)]
    tables = [embed([_table_text(column) for column in side.columns]) for side in (left, right)]
    full = [_blend(name, text) for name, text in zip(names, texts, strict=True)]
    placed = [_blend(whole, table) for whole, table in zip(full, tables, strict=True)]
    pairs = {
        "embed_name": names, "embed_text": texts, "embed_full": full, "embed_placed": placed, "embed_table": tables,
        "embed_crossed": None,
    }  # fmt: skip
    found = {name: cosine(sides[0], sides[1], left.columns, right.columns) for name, sides in pairs.items() if sides}
    crossed = [cosine(names[0], texts[1], left.columns, right.columns)]
    crossed.append(cosine(texts[0], names[1], left.columns, right.columns))
    found["embed_crossed"] = np.maximum(crossed[0], crossed[1])
    found["has_embedding"] = zeros(left.columns, right.columns) + np.float32(names[0] is not None)
    return found


def table_features(left: Named, right: Named) -> dict[str, Matrix]:
    """Likeness of the tables' names, and names that repeat the other side's table."""
    covers, covered = soft_overlap(left.tables, right.tables)
    has = [np.array([bool(table) for table in side.tables], dtype=np.float32) for side in (left, right)]
    placed = [
        [(*table, *words) for table, words in zip(side.tables, side.words, strict=True)] for side in (left, right)
    ]
    ahead, behind = soft_overlap(placed[0], placed[1])
    return {
        "table_soft": np.maximum(covers, covered),
        "placed_soft": (ahead + behind) / 2,
        "has_tables": np.outer(has[0], has[1]).astype(np.float32),
    }


def soft_overlap(
    left: Sequence[Sequence[str]], right: Sequence[Sequence[str]], known: Likeness | None = None
) -> tuple[Matrix, Matrix]:
    """How much of the left words the right ones mean, and of the right ones the left; weighted by rarity (IDF).

    Soft TF-IDF in the manner of Cohen, Ravikumar and Fienberg 2003: each word counts with its likeness to the best
    word of the other side. Words in most names of one side weigh little, so a common prefix drops out.
    """
    likeness, rows, columns = known or word_likeness(left, right)
    forward = _directed(left, right, likeness, rows, columns)
    backward = _directed(right, left, likeness.T, columns, rows)
    return forward, backward.T


def left_without_partner(
    left: Sequence[Sequence[str]], right: Sequence[Sequence[str]], known: Likeness | None = None
) -> tuple[Matrix, Matrix]:
    """Share of the left words, by rarity, that no right word means, and of the right words that no left one does."""
    likeness, rows, columns = known or word_likeness(left, right)
    partner = (likeness >= _PARTNER).astype(np.float32)
    forward, backward = _directed(left, right, partner, rows, columns), _directed(right, left, partner.T, columns, rows)
    return np.clip(1 - forward, 0, 1), np.clip(1 - backward.T, 0, 1)


def _directed(
    side: Sequence[Sequence[str]], other: Sequence[Sequence[str]], likeness: Matrix,
    rows: dict[str, int], columns: dict[str, int],
) -> Matrix:  # fmt: skip
    seen = Counter(word for words in side for word in set(words))
    rarity = {word: np.log((1 + len(side)) / (0.5 + count)) + 0.2 for word, count in seen.items()}
    rarity = {word: weight * (0.4 if word.isdigit() else 1.0) for word, weight in rarity.items()}
    best = np.zeros((max(len(rows), 1), len(other)), dtype=np.float32)
    for at, words in enumerate(other):
        if words:
            best[: len(rows), at] = likeness[:, [columns[word] for word in words]].max(axis=1)
    shares = np.zeros((len(side), max(len(rows), 1)), dtype=np.float32)
    for at, words in enumerate(side):
        for word in words:
            shares[at, rows[word]] += max(rarity[word], 0.05)
    totals = shares.sum(axis=1, keepdims=True)
    return np.asarray(shares @ best / np.maximum(totals, 1e-6), dtype=np.float32)


def word_likeness(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> Likeness:
    """Likeness of every word of the left to every word of the right, with the rows and columns of the words."""
    sides = [sorted({word for words in side for word in words}) for side in (left, right)]
    rows, columns = ({word: at for at, word in enumerate(side)} for side in sides)
    if not rows or not columns:
        return zeros(sides[0], sides[1]), rows, columns
    groups = [[synonym_groups().get(word, frozenset()) for word in side] for side in sides]
    likeness = np.minimum(shared(groups[0], groups[1]), 1) * np.float32(_SYNONYM)
    spelled = edit_similarity(sides[0], sides[1])
    longest = np.maximum(*np.meshgrid([len(w) for w in sides[1]], [len(w) for w in sides[0]]))
    likeness = np.maximum(likeness, np.where((spelled >= 0.75) & (longest >= 5), spelled * _SPELLED, 0))
    likeness = np.maximum(likeness, pairwise(sides[0], sides[1], _abbreviates))
    near = cosine(embed(sides[0]), embed(sides[1]), sides[0], sides[1])
    likeness = np.maximum(likeness, np.clip((near - _NEAR) / (1 - _NEAR), 0, 1) * _MEANT)
    for word in rows.keys() & columns.keys():
        likeness[rows[word], columns[word]] = 1
    return np.asarray(likeness, dtype=np.float32), rows, columns


def _abbreviates(one: str, other: str) -> float:
    """How well the shorter word may stand for the longer: its beginning, or some of its letters in order."""
    short, long = sorted((one, other), key=len)
    if len(short) < 2 or len(short) == len(long) or not short.isalpha():
        return 0.0
    if long.startswith(short) and len(short) >= 3:
        return _ABBREVIATED * (0.7 + 0.3 * len(short) / len(long))
    letters = iter(long)
    in_order = all(letter in letters for letter in short)
    # Letters left out are mostly vowels in real abbreviations, and two letters fit many words by chance.
    skeleton = "".join(char for at, char in enumerate(long) if at == 0 or char not in "aeiou")
    if in_order and len(short) >= 3 and len(long) >= 5:
        return _ABBREVIATED * (0.9 if skeleton.startswith(short) else 0.6)
    return 0.3 if in_order and len(short) == 2 and short == skeleton[:2] else 0.0


def _acronyms(left: Named, right: Named) -> Matrix:
    """1 where one name is the first letters of the other's words."""
    initials = [["".join(word[0] for word in words if word) for words in side.words] for side in (left, right)]
    found = np.zeros((len(left.columns), len(right.columns)), dtype=np.float32)
    for this, that, flipped in ((left, initials[1], False), (right, initials[0], True)):
        places: dict[str, list[int]] = {}
        for at, first in enumerate(that):
            if len(first) >= 3:
                places.setdefault(first, []).append(at)
        for at, name in enumerate(this.letters):
            for place in places.get(name, ()):
                found[(place, at) if flipped else (at, place)] = 1
    return found


def _named_in_text(names: Named, texts: Named) -> Matrix:
    """Share of a source name's words that stand in the target's text, by rarity."""
    seen = Counter(word for words in texts.text_words for word in set(words))
    index: dict[object, int] = {word: at for at, word in enumerate(sorted(seen))}
    weights = np.zeros((len(names.columns), max(len(index), 1)), dtype=np.float32)
    totals = np.zeros((len(names.columns), 1), dtype=np.float32)
    for row, words in enumerate(names.words):
        for word in words:
            weight = np.log((1 + len(texts.columns)) / (1 + seen.get(word, 0))) + 0.3
            totals[row] += weight
            if word in index:
                weights[row, index[word]] = weight
    present = np.zeros((len(texts.columns), max(len(index), 1)), dtype=np.float32)
    for row, words in enumerate(texts.text_words):
        for word in words:
            present[row, index[word]] = 1
    return np.asarray(weights @ present.T / np.maximum(totals, 1e-6), dtype=np.float32)


def _blend(one: Matrix | None, other: Matrix | None) -> Matrix | None:
    """Sum of two vectors, of length 1 again; where one says nothing, the other alone."""
    if one is None or other is None:
        return None
    total = one + other
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def _table_text(column: MatchColumn) -> str:
    words = " ".join(words_of(column.table)) if column.table else ""
    return f"{words}. {column.table_description}" if column.table_description else words
