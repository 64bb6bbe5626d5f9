"""Makes features of any size: the blocks of a real one in their usual mix, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

HEADLINE = "The River Counts Its Boats"
DEK = "What the water took, and what it left behind"
"""Stands below the headline and, unlike it, in no list."""


_PARAGRAPH = 500
"""Bytes of a paragraph of five sentences, about."""


def words(text: str) -> list[str]:
    """The words of a text, for lists that read well."""
    return text.split()


_NOUNS = words("""
    archive assembly ballot bazaar border bridge canal clinic court delta district embankment ferry
    festival fort glacier grid harbour heatwave junction lantern library loom market mill monsoon
    newsroom orchard pipeline plateau poet port province railway reservoir school shrine stadium
    stepwell studio tariff terrace treaty turbine valley village well
""")
_VERBS = words("""
    approves argues counts denies documents drains exports forgets inherits irrigates measures
    negotiates postpones promises questions rebuilds recalls rejects repairs reports restores warns
""")
_ADJECTIVES = words("""
    ancient brittle careful coastal contested crowded disputed federal generous northern ordinary
    patient provincial quiet reluctant rural seasonal shallow southern stubborn unfinished unpaid
""")
_PLACES = words("""
    Chittagong Colombo Delhi Dhaka Guwahati Gwadar Herat Jaffna Kabul Kandy Karachi Kathmandu Khulna
    Kochi Lahore Leh Male Multan Mumbai Patna Peshawar Pokhara Quetta Srinagar Sylhet Thimphu
""")
_OTHER_SCRIPTS = (
    "صبح کو دریا خاموش تھا اور کشتیاں دیر سے چلیں۔",
    "सुबह नदी शांत थी और नावें देर से चलीं।",
    "সকালে নদী শান্ত ছিল, নৌকা দেরিতে ছাড়ল।",
    "காலையில் ஆறு அமைதியாக இருந்தது, படகுகள் தாமதமாகக் கிளம்பின.",
    "清晨的河面很安静，渡船开得很晚，人们在茶馆里等待。",
)


def feature(size: int, seed: int = 1) -> str:
    """A Markdown feature with front matter, of `size` bytes or a few hundred more."""
    return "".join(_Writer(seed).feature(size))


def prose(size: int) -> str:
    """A feature of about as many bytes that is paragraphs of plain text and nothing else."""
    writer = _Writer(1)
    paragraphs = [" ".join(writer.random.choices(writer.plain, k=5)) for _ in range(size // _PARAGRAPH)]
    return _head("2026-01-01") + "\n\n".join(paragraphs) + "\n"


def _head(published: str) -> str:
    return (
        f"---\ntitle: {HEADLINE}\ndek: {DEK}\n"
        "sections: [The Pulse, Environment, South Asia]\nauthors: [A. Writer]\n"
        f"published: {published}\nlanguage: en\n---\n\n"
    )


class _Writer:
    """Writes blocks from a stock of sentences, so that ten megabytes take a second."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.plain = [self.sentence() for _ in range(500)]
        self.stock = [self.marked(sentence) for sentence in self.plain for _ in range(3)]
        self.kinds = {
            self.paragraph: 74,
            self.quote: 6,
            self.items: 6,
            self.steps: 3,
            self.table: 3,
            self.code: 2,
            self.figure: 3,
            self.other_scripts: 2,
            self.rule: 1,
        }

    def feature(self, size: int) -> Iterator[str]:
        head = _head("2022-03-15")
        yield head
        written, blocks = len(head), 0
        kinds, weights = list(self.kinds), list(self.kinds.values())
        while written < size:
            block = self.random.choices(kinds, weights)[0]()
            if blocks % 9 == 8:
                block = f"## {self.heading()}\n\n{block}"
            yield block + "\n\n"
            written += len(block.encode()) + 2
            blocks += 1

    def clause(self) -> str:
        pick = self.random.choice
        return (
            f"the {pick(_ADJECTIVES)} {pick(_NOUNS)} near {pick(_PLACES)} {pick(_VERBS)} "
            f"the {pick(_NOUNS)} of the {pick(_ADJECTIVES)} {pick(_NOUNS)}"
        )

    def sentence(self) -> str:
        text = self.clause()
        if self.random.random() < 0.45:
            text += self.random.choice((", and ", "; ", ", while ", " – although ")) + self.clause()
        return text[0].upper() + text[1:] + "."

    def marked(self, sentence: str) -> str:
        """The sentence with emphasis, a link, code or quotation marks, or, mostly, as it is."""
        roll = self.random.random()
        if roll < 0.10:
            return sentence.replace(" the ", " *the one and only* ", 1)
        if roll < 0.18:
            return sentence.replace(" near ", " **not far from** ", 1)
        if roll < 0.30:
            noun, number = self.random.choice(_NOUNS), self.random.randrange(10**6)
            return f"{sentence[:-1]}, as [the {noun} survey](https://example.org/{noun}/{number}) found."
        if roll < 0.34:
            return f"{sentence[:-1]} (`ref-{self.random.randrange(10**4)}`)."
        if roll < 0.38:
            return f"“{sentence[:-1]},” an official told us."
        return sentence

    def heading(self) -> str:
        words = (_PLACES, _VERBS, _ADJECTIVES, _NOUNS)
        return " ".join(self.random.choice(choice).capitalize() for choice in words)

    def sentences(self, low: int, high: int) -> list[str]:
        return self.random.choices(self.stock, k=self.random.randint(low, high))

    def paragraph(self) -> str:
        return " ".join(self.sentences(2, 6))

    def quote(self) -> str:
        return "\n".join(f"> {sentence}" for sentence in self.sentences(1, 3))

    def items(self) -> str:
        items = [f"- {sentence}" for sentence in self.sentences(2, 4)]
        nested = [f"  - {sentence}" for sentence in self.sentences(0, 2)]
        return "\n".join(items + nested)

    def steps(self) -> str:
        return "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(self.sentences(2, 5), 1))

    def table(self) -> str:
        rows = ["| Place | Subject | Count |", "|:---|:---|---:|"]
        for _ in range(self.random.randint(3, 8)):
            place, noun = self.random.choice(_PLACES), self.random.choice(_NOUNS)
            rows.append(f"| {place} | {noun} | {self.random.randrange(10, 9999):,} |")
        return "\n".join(rows)

    def code(self) -> str:
        nouns = self.random.choices(_NOUNS, k=self.random.randint(2, 6))
        lines = [f"{noun} = count({len(noun)})  # {self.random.choice(_VERBS)}" for noun in nouns]
        return "\n".join(["```python", *lines, "```"])

    def figure(self) -> str:
        noun, place = self.random.choice(_NOUNS), self.random.choice(_PLACES)
        caption = f"The {noun} near {place}, photographed at dawn. Credit: Sample Agency/{place} Desk"
        return f'![The {noun} at {place}](images/{noun}.png "{caption}")'

    def other_scripts(self) -> str:
        return " ".join(self.random.choices(_OTHER_SCRIPTS, k=3))

    def rule(self) -> str:
        return "---"
