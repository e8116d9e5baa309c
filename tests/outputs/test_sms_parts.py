"""How many parts a text message has: the published thresholds of GSM-7 and UCS-2."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lescli.outputs.exports.sms import sms_parts, whole_pence


@pytest.mark.parametrize(("longest", "parts"), [(160, 1), (306, 2), (459, 3), (612, 4), (765, 5), (918, 6)])
def test_the_published_lengths(longest: int, parts: int) -> None:
    assert sms_parts("a" * longest) == parts
    assert sms_parts("a" * (longest + 1)) == parts + 1


@pytest.mark.parametrize(("longest", "parts"), [(70, 1), (134, 2), (201, 3), (268, 4)])
def test_one_character_outside_the_table_makes_all_of_it_longer(longest: int, parts: int) -> None:
    assert sms_parts("ŵ" + "a" * (longest - 1)) == parts
    assert sms_parts("ŵ" + "a" * longest) == parts + 1


@pytest.mark.parametrize("sign", "[]{}^\\|~€")
def test_these_signs_count_twice(sign: str) -> None:
    assert sms_parts(sign * 80) == 1
    assert sms_parts(sign * 80 + "a") == 2


@pytest.mark.parametrize("sign", "éàñü£@")
def test_these_accents_count_once(sign: str) -> None:
    assert sms_parts(sign * 160) == 1


def test_a_sign_that_counts_twice_is_not_cut_between_two_parts() -> None:
    # 152 characters fill the first part but one place, which the sign cannot use.
    assert sms_parts("a" * 152 + "[" + "a" * 151) == 2
    assert sms_parts("a" * 152 + "[" + "a" * 152) == 3


def test_the_cost_is_to_the_nearest_penny() -> None:
    assert whole_pence(100 * Decimal("2.88")) == 288
    assert whole_pence(5 * Decimal("2.5")) == 13
    assert whole_pence(Decimal()) == 0
    assert sms_parts("") == 0
