"""Which earlier texts are named beside a new one, in which order, and which are not."""

from __future__ import annotations

from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.similar.rules import (
    FEWEST_WORDS,
    MOST,
    MOST_TELLING,
    MOST_WORDS_SHOWN,
    Like,
    Words,
    most_alike,
    telling,
    weights,
    words_in,
)
from tests.factories.similar import FALL, LEAVE, LEAVE_AGAIN, MONEY, OTHERS, TABLETS, VISIT

pytestmark = pytest.mark.requirement("R10")


def pool(**texts: str) -> dict[str, Words]:
    return {name: words_in(text) for name, text in texts.items()}


def found(asked: str, **texts: str) -> list[str]:
    return [like.key for like in most_alike(words_in(asked), pool(**texts))]


class TestWhatIsFound:
    def test_the_same_mistake_among_others(self) -> None:
        assert found(LEAVE, **OTHERS, again=LEAVE_AGAIN) == ["again"]

    @pytest.mark.parametrize("asked", [LEAVE, TABLETS, MONEY, FALL, VISIT])
    def test_nothing_where_nothing_is_alike(self, asked: str) -> None:
        assert found(asked, **{name: text for name, text in OTHERS.items() if text != asked}) == []

    @pytest.mark.parametrize(
        ("asked", "texts"), [("", {"again": LEAVE}), (LEAVE, {}), (LEAVE, {"empty": ""}), ("", {"empty": ""})]
    )
    def test_nothing_to_compare(self, asked: str, texts: dict[str, str]) -> None:
        assert found(asked, **texts) == []

    @pytest.mark.parametrize(("shared", "named"), [(FEWEST_WORDS - 1, False), (FEWEST_WORDS, True)])
    def test_a_few_words_in_common_are_chance(self, shared: int, named: bool) -> None:
        words = ["ligature", "shoelace", "bathroom", "observation", "handover", "corridor"][:shared]
        assert bool(found(" ".join(words), other=" ".join(words))) is named

    def test_a_word_said_often_is_still_one_word(self) -> None:
        assert found("ligature " * 20, other="ligature " * 20) == []

    def test_a_small_part_of_a_long_text_is_not_enough(self) -> None:
        common = "ward nurse shift night door"
        many = " ".join(f"{a}{b}{c}" for a in "bcdfg" for b in "aeiou" for c in "klmnp")
        other = " ".join(f"{a}{b}{c}" for a in "hjklm" for b in "aeiou" for c in "rstvw")
        assert found(f"{common} {many}", long=f"{common} {other}", same=many) == ["same"]

    def test_only_the_first_five(self) -> None:
        assert found(LEAVE, **{f"again{n}": LEAVE_AGAIN for n in range(MOST + 3)}) == [f"again{n}" for n in range(MOST)]

    def test_the_likest_first(self) -> None:
        nearly = LEAVE_AGAIN.replace("sheet was blank", "form was lost")
        assert found(LEAVE, **OTHERS, nearly=nearly, again=LEAVE_AGAIN, itself=LEAVE) == ["itself", "again", "nearly"]

    def test_rare_words_count_more_than_common_ones(self) -> None:
        everywhere = {
            f"w{n}": "ward nurse shift night door floor staff " + text for n, text in enumerate(OTHERS.values())
        }
        asked = "ward nurse shift night door floor staff ligature shoelace wardrobe observation handle curtain rail"
        rare = "ligature shoelace wardrobe observation handle curtain rail"
        common = "ward nurse shift night door floor staff"
        assert found(asked, **everywhere, common=common, rare=rare)[0] == "rare"

    def test_a_short_text_that_says_it_comes_before_a_long_one_that_says_it_in_passing(self) -> None:
        long = LEAVE_AGAIN + " " + " ".join(OTHERS.values())
        assert found(LEAVE, **OTHERS, long=long, short=LEAVE_AGAIN)[0] == "short"

    def test_where_every_earlier_one_is_alike_none_is_lost(self) -> None:
        """A word that all of a handful say is not for that a common word."""
        handful = {f"again{n}": LEAVE_AGAIN for n in range(3)}
        assert found(LEAVE, **handful, itself=LEAVE) == ["itself", *handful]

    @pytest.mark.parametrize("written", [LEAVE_AGAIN.upper(), LEAVE_AGAIN.title(), LEAVE_AGAIN.replace("e", "é")])
    def test_capitals_and_accents_do_not_matter(self, written: str) -> None:
        assert found(LEAVE, **OTHERS, again=written) == ["again"]


class TestWhy:
    def why(self, asked: str, text: str) -> tuple[str, ...]:
        (like,) = most_alike(words_in(asked), pool(**OTHERS, again=text))[:1]
        return like.words

    def test_the_words_that_both_say(self) -> None:
        shown = self.why(LEAVE, LEAVE_AGAIN)
        assert "leave" in shown
        assert set(shown) <= set(words_in(LEAVE).counts) & set(words_in(LEAVE_AGAIN).counts)
        assert len(shown) == MOST_WORDS_SHOWN

    def test_the_most_telling_first(self) -> None:
        asked = "leave leave leave sheet blank unescorted ward"
        assert self.why(asked, "leave leave leave sheet blank unescorted ward")[0] == "leave"

    @pytest.mark.parametrize("where", ["asked", "earlier", "both"])
    def test_a_name_is_never_shown(self, where: str) -> None:
        asked = LEAVE + (" Smithson rang." if where != "earlier" else " a smithson rang")
        earlier = LEAVE_AGAIN + (" Smithson rang." if where != "asked" else " a smithson rang")
        assert "smithson" not in self.why(asked, earlier)
        assert "smithson" in words_in(asked).counts

    def test_in_capitals_throughout_it_is_named_without_words(self) -> None:
        (like,) = most_alike(words_in(LEAVE.upper()), pool(**OTHERS, again=LEAVE_AGAIN))
        assert like == Like("again", ())


class TestWeights:
    def test_by_hand(self) -> None:
        asked = words_in("leave ward")
        texts = [words_in("leave"), words_in("leave door"), words_in("fall")]
        assert weights(asked, texts) == pytest.approx({"leave": log(1 + 21.5 / 3.5), "ward": log(1 + 23.5 / 1.5)})

    def test_one_score_by_hand(self) -> None:
        """Five words once each in two texts of one length: each adds its weight times 2.2 over 2.2."""
        asked, other = words_in("alpha bravo charlie delta echo"), words_in("alpha bravo charlie delta echo")
        (like,) = most_alike(asked, {"other": other})
        assert like.words == ("alpha", "bravo", "charlie", "delta", "echo")
        assert isclose(weights(asked, [other])["alpha"], log(1 + 20.5 / 2.5))

    @given(st.integers(0, 30), st.integers(1, 30))
    def test_said_by_fewer_weighs_more_and_never_less_than_nothing(self, said: int, not_said: int) -> None:
        asked = words_in("leave ward")
        texts = [words_in("leave")] * said + [words_in("door")] * not_said
        weigh = weights(asked, texts)
        assert 0 < weigh["leave"] <= weigh["ward"]
        assert (weigh["leave"] < weigh["ward"]) is bool(said)


class TestTelling:
    def texts(self, *, saying: int, of: int) -> list[Words]:
        return [words_in("ligature ward")] * saying + [words_in("ward")] * (of - saying)

    @pytest.mark.parametrize(
        ("saying", "of", "telling_words"),
        [(0, 100, ["ligature"]), (1, 100, ["ligature"]), (2, 100, []), (10, 1000, ["ligature"]), (11, 1000, [])],
    )
    def test_what_one_in_a_hundred_says(self, saying: int, of: int, telling_words: list[str]) -> None:
        assert telling(words_in("ligature ward"), self.texts(saying=saying, of=of)) == telling_words

    def test_no_names(self) -> None:
        assert telling(words_in("Smithson found a ligature"), [words_in("ward")]) == ["found", "ligature"]

    def test_at_most_twelve_those_said_most_first(self) -> None:
        rare = [f"rare{letter}" for letter in "abcdefghijklmnop"]
        assert (
            telling(words_in(" ".join([*rare, "rarep", "rareo"])), [words_in("ward")] * 100)
            == sorted(["rareo", "rarep"]) + sorted(rare)[: MOST_TELLING - 2]
        )


WORDS = ["ward", "leave", "door", "nurse", "ligature", "handover", "tablet", "police", "sheet", "blank", "Smith"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), max_size=8)


@given(TEXTS, st.integers(0, 20))
def test_what_is_added_to_the_pool_later_never_drops_below_its_own_copy(texts: list[list[str]], turn: int) -> None:
    """A text is as like itself as any other can be: a copy is found before everything else, or is too short to be."""
    asked = words_in(LEAVE)
    others = {n: words_in(" ".join(text)) for n, text in enumerate(texts)}
    keys = list(others)
    keys.insert(turn % (len(keys) + 1), -1)
    all_of_them = {key: others.get(key, asked) for key in keys}
    assert most_alike(asked, all_of_them)[0].key == -1


@given(TEXTS, st.randoms())
def test_the_order_of_the_pool_decides_only_between_equals(texts: list[list[str]], random: object) -> None:
    asked = words_in("ward leave door nurse ligature handover tablet police sheet blank")
    distinct = {words_in(" ".join(text)).counts.__repr__(): words_in(" ".join(text)) for text in texts}
    turned = list(distinct)
    random.shuffle(turned)  # type: ignore[attr-defined]
    first = {like.key: like.words for like in most_alike(asked, distinct)}
    again = {like.key: like.words for like in most_alike(asked, {key: distinct[key] for key in turned})}
    if len(distinct) <= MOST:
        assert first == again


@given(TEXTS)
def test_at_most_five_each_once_each_with_enough_in_common(texts: list[list[str]]) -> None:
    asked = words_in("ward leave door nurse ligature handover tablet police sheet blank")
    others = {n: words_in(" ".join(text)) for n, text in enumerate(texts)}
    likes = most_alike(asked, others)
    assert len({like.key for like in likes}) == len(likes) <= MOST
    assert all(len(set(others[like.key].counts) & set(asked.counts)) >= FEWEST_WORDS for like in likes)
    assert all(set(like.words) <= asked.plain & others[like.key].plain for like in likes)
