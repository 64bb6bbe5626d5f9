"""Entries of feeds to features: their text, their pictures with words, and which of them count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse_tui.acquire.feature import Feature
from pulse_tui.acquire.feeds.entries import (
    AT_FIRST,
    TakenEntry,
    TakenFeed,
    feature_of,
    said_by,
    wanted,
    with_page,
)
from pulse_tui.acquire.feeds.feed import Entry, Feed
from pulse_tui.article import Figure
from tests.feeds import PROSE

SITE = "https://site.test"
FEED = Feed("The Site", SITE, "RSS 2.0", (), "en")


def entry(content: str = PROSE, **more: object) -> Entry:
    values = {"summary": "", "full": True, "base": f"{SITE}/one", **more}
    return Entry("id", f"{SITE}/one", "One", content=content, **values)  # type: ignore[arg-type]


def made(content: str = PROSE, **more: object) -> Feature:
    return feature_of(entry(content, **more), FEED)


# -- Text


def test_the_text_is_markdown_with_absolute_addresses() -> None:
    feature = made(
        '<h2>Part</h2><p>A <b>bold</b> <a href="/two">link</a> and <a href="javascript:x()">none</a>.</p>'
        "<blockquote>Said.</blockquote><ol><li>a<ul><li>b</li></ul></li></ol><pre><code>x *y*</code></pre>"
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    assert feature.body == (
        f"## Part\n\nA **bold** [link]({SITE}/two) and none.\n\n> Said.\n\n1. a\n   - b\n\n"
        "```\nx *y*\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    )


def test_what_is_around_a_text_in_feeds_goes() -> None:
    feature = made(
        "<p>The text.</p><div class='sharedaddy'>x</div><div class='share'>Share this</div>"
        "<img src='https://pixel.test/count.gif' width='1' height='1'><script>x()</script>"
        "<p>The post <a href='x'>One</a> appeared first on <a href='y'>The Site</a>.</p>"
    )
    assert feature.body == "The text.\n\nx"


def test_a_text_that_repeats_the_headline_says_it_once() -> None:
    assert made("<h1>One</h1><p>The text of it.</p>").body == "The text of it."


def test_plain_text_and_empty_entries() -> None:
    assert made("Just *words* & such.").body == r"Just \*words\* & such."
    assert made("").body == ""
    assert made("", full=False).body == f"[Read on at site.test]({SITE}/one)"


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 5000 + "The words.",
        "<p " + "a=b " * 50_000 + ">The words.",
        "<p>x" * 200_000 + "The words.",
    ],
)
def test_html_that_breaks_readers_leaves_its_words(content: str) -> None:
    assert "The words." in made(content).body


def test_controls_and_overrides_go_after_entities_are_decoded() -> None:
    feature = made("<p>a&#27;[31mb&#x202e;c&#8203;d</p>", authors=("A",))
    assert "\x1b" not in feature.body
    assert "\u202e" not in feature.body


# -- Fields


def test_the_feeds_title_is_the_kicker_and_tags_are_tags() -> None:
    feature = made(authors=("A. Writer",), tags=("Rivers",), published=date(2022, 3, 15), language="de")
    assert feature.sections == ("The Site",)
    assert feature.tags == ("Rivers",)
    assert feature.authors == ("A. Writer",)
    assert feature.published == date(2022, 3, 15)
    assert feature.language == "de"
    assert feature.source == f"{SITE}/one"
    assert made().language == "en"


@pytest.mark.parametrize(
    ("summary", "dek"),
    [
        ("Nobody saw it go.", "Nobody saw it go."),
        ("<p>Nobody <i>saw</i> it go.</p>", "Nobody saw it go."),
        ("Nobody saw it …", ""),
        ("The ferry left before the light came, and nobody", ""),  # how the text begins
        ("Words. " * 100, ""),
        ("", ""),
    ],
)
def test_a_summary_that_says_something_of_its_own_is_the_dek(summary: str, dek: str) -> None:
    assert made(summary=summary).dek == dek
    assert made(summary, summary=summary, full=False).dek == ""


# -- Pictures


def test_figures_stand_in_place_with_caption_and_credit() -> None:
    feature = made(
        f'{PROSE}<figure><img src="/boat.jpg" alt="a boat"><figcaption>A boat. (Jane Doe / AP)</figcaption>'
        '</figure><div class="wp-caption"><img src="b.jpg">'
        '<p class="wp-caption-text">Two. Photo: X Y</p></div>'
    )
    assert f'![a boat]({SITE}/boat.jpg "A boat. Credit: Jane Doe / AP")' in feature.body
    assert feature.pictures == (
        Figure(f"{SITE}/boat.jpg", "a boat", "A boat.", "Jane Doe / AP"),
        Figure(f"{SITE}/b.jpg", "", "Two.", "X Y"),
    )
    assert feature.image == ""


def test_a_picture_beside_the_text_leads_unless_the_text_has_it() -> None:
    lead = Figure(f"{SITE}/lead.jpg", "", "The quay.", "AP")
    feature = made(pictures=(lead,))
    assert (feature.image, feature.caption, feature.credit) == (lead.source, "The quay.", "AP")
    assert feature.pictures == (lead,)
    shown = made(f'{PROSE}<p><img src="/lead-1024x768.jpg"></p>', pictures=(lead,))
    assert shown.image == ""
    assert [each.source for each in shown.pictures] == [f"{SITE}/lead-1024x768.jpg"]


def test_a_bare_picture_beside_a_text_with_pictures_is_left_out() -> None:
    bare = Figure(f"{SITE}/logo.jpg")
    assert made(f'{PROSE}<p><img src="/boat.jpg"></p>', pictures=(bare,)).image == ""
    assert made(pictures=(bare,)).image == bare.source


# -- Pages


def test_a_page_gives_the_text_and_the_feed_title_and_date() -> None:
    short = made("In short.", full=False, tags=("Rivers",), published=datetime(2022, 3, 15, 10, tzinfo=UTC))
    page = Feature("One | The Site", "The whole text.\n\nOf it.", dek="Nobody saw.", sections=("News",))
    whole = with_page(short, page)
    assert (whole.title, whole.body, whole.dek) == ("One", page.body, "Nobody saw.")
    assert whole.sections == ("The Site", "News")
    assert whole.published == short.published
    assert whole.tags == ("Rivers",)
    assert whole.source == short.source


def test_a_page_without_a_lead_picture_gets_the_feeds() -> None:
    lead = Figure(f"{SITE}/lead.jpg", "", "The quay.", "AP")
    short = made("In short.", full=False, pictures=(lead,))
    page = Feature("One", "The whole text.\n\nOf it.")
    assert with_page(short, page).image == lead.source
    assert with_page(short, page).pictures == (lead,)
    other = Feature("One", "The whole text.", pictures=(Figure("https://cdn.test/lead.jpg?w=9"),))
    assert with_page(short, other).image == ""


def test_a_page_that_says_less_than_the_feed_is_refused() -> None:
    with pytest.raises(ValueError, match="less"):
        with_page(made("<p>A summary of some length.</p>", full=False), Feature("One", "Subscribe now!"))


# -- Which count


def numbered(number: int) -> Entry:
    published = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return entry(published=published)._replace(id=str(number))


@given(st.permutations(range(AT_FIRST + 60)), st.sets(st.integers(0, AT_FIRST + 59)))
def test_the_newest_count_and_all_down_to_the_last_known(order: list[int], known: set[int]) -> None:
    found = [int(each.id) for each in wanted([numbered(n) for n in order], {str(n) for n in known})]
    assert found == sorted(found, reverse=True)
    assert found[0] == len(order) - 1
    assert known <= set(found)
    assert len(found) == max(AT_FIRST, len(order) - min(known, default=len(order)))


def test_without_dates_the_feeds_order_counts() -> None:
    entries = [numbered(n) for n in range(AT_FIRST + 5)]
    entries[3] = entries[3]._replace(published=None)
    assert [each.id for each in wanted(entries, ())] == [each.id for each in entries[:AT_FIRST]]


def test_days_and_moments_sort_together() -> None:
    mixed = [
        numbered(1)._replace(published=date(2022, 1, 2)),
        numbered(2)._replace(published=datetime(2022, 1, 2, 1)),
        numbered(3)._replace(published=datetime(2022, 1, 1, 23, tzinfo=UTC)),
    ]
    assert [each.id for each in wanted(mixed, ())] == ["2", "1", "3"]


def test_a_digest_is_that_of_what_is_said() -> None:
    same = entry(updated=datetime(2022, 1, 1, tzinfo=UTC))
    assert said_by(same) == said_by(same._replace(updated=None))
    others = [
        same._replace(title="Two"),
        same._replace(content="x"),
        same._replace(tags=("a",)),
        same._replace(url="https://x.test/"),
    ]
    assert len({said_by(each) for each in (same, *others)}) == 5


def test_what_was_taken_survives_the_way_out_of_a_child() -> None:
    taken = TakenFeed(
        "T", SITE, 3, frozenset({"a", "b"}), (TakenEntry("a", "12", f"{SITE}/a", False, made()),)
    )
    assert TakenFeed.from_json(taken.to_json()) == taken
