"""The kind `news` of the feed."""

import pytest
import sqlalchemy as sa

from app.home.models import News
from tests.browsing import Browser, text_of
from tests.factories import take
from tests.home.factories import news_line


def outcomes(results):
    return [(result.outcome, sorted(result.errors)) for result in results]


def test_news_comes_in_once_for_the_province_and_is_published_then(app, make):
    results = take(app, news_line(), news_line(), news_line(title="另"))
    assert outcomes(results) == [("created", []), ("unchanged", []), ("rejected", ["ref"])]
    (row,) = make.read(sa.select(News.__table__))
    assert (row.region, row.published_at.hour, row.author_name, row.withdrawn_at) == ("350000", 1, "", None)
    page = Browser(app).get(f"/news/show/{row.id}")
    assert "正文1。" in text_of(page) and "2026-11-02 09:00" in text_of(page)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": ""}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "a\nb"}, ["title"]),
        ({"body": None}, ["body"]),
        ({"body": "x" * 100_001}, ["body"]),
        ({"published_at": "2099-01-01T00:00:00+08:00"}, ["published_at"]),
        ({"published_at": "2026-11-02"}, ["published_at"]),
        ({"region": "350102"}, ["region"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_line_is_refused_by_its_field(app, changes, fields):
    assert outcomes(take(app, news_line(**changes))) == [("rejected", fields)]


def test_the_demo_has_the_whole_feed(demo_app, demo_sign_in):
    page = Browser(demo_app).get("/")
    assert "关于开展2026年度职称评审工作的通知" in text_of(page)
    assert "关于公布2025年度职称评审结果的通知" in text_of(demo_sign_in("unit.public").get("/news/list/"))
