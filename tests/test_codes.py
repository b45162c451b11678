import pytest

from app.codes import CODES, label


@pytest.mark.parametrize(("locale", "expected"), [("zh", "男"), ("zh_Hans_CN", "男"), ("en", "Male")])
def test_a_code_has_a_label_in_both_languages(locale: str, expected: str) -> None:
    assert label("gender", "1", locale) == expected


def test_political_status_has_all_codes_of_the_standard() -> None:
    assert list(CODES["political_status"]) == [f"{number:02}" for number in range(1, 14)]
