"""Lines that are no text of an article, known by their words: buttons, labels, dates, contacts, offers.

The languages are those of the pages that were looked at; a line of any other is taken for text and stays.
"""

from __future__ import annotations

import re

from pulse_tui.acquire.page.dates import read_date

_spare = re.compile(
    r"advertise?ments?|advertising|anzeige|werbung|publicit[éeà]|publicidade?|pubblicità|"
    r"reklame?|annonse?|広告|"
    r"skip to (?:main )?content|(?:click to )?enlarge(?: this)? image|scroll to continue|"
    r"(?:story|article) continues below.{0,30}|continue reading.{0,30}|get .{2,30} in your inbox\.?|"
    r"(?:please )?sign up (?:for|to) (?:our|the) .{0,40}newsletter.{0,20}|"
    r"sign up for (?:our )?newsletters?|"
    r"we apologi[sz]e, this video has expired\.?|comments are closed\.?|leave a comment|"
    r"follow us:?|"
    r"share this(?: (?:story|article|page))?:?|(?:view|load|show) (?:all )?comments|"
    r"(?:\d[\d,.]*|no) (?:comments?|shares?|kommentare?|commentaires?|comentarios?)",
    re.IGNORECASE,
).fullmatch
_button = re.compile(
    r"share:?|print|e-?mail|tweet|comments?|show (?:more|less)|"
    r"(?:subscribe|sign up)(?: now| today)?|"
    r"replay|watch now|play(?: video)?|see all|"
    r"view all|\d+:\d\d|×",
    re.IGNORECASE,
).fullmatch
_elsewhere = re.compile(
    r"\W*(?:related(?: (?:stor(?:y|ies)|articles?|photos|videos?|coverage|links?|content))?|"
    r"see also|most read|"
    r"read (?:more|also|next|this)|also read|recommended|don['\u2019]t miss|"
    r"(?:watch|photos|video|gallery)(?=\s*:)|more [\w ]{1,30} (?:news|stories|articles)|"
    r"more(?: (?:on|from|news|stories|about)[^:]{0,50})?|"
    r"lire aussi|à lire(?: aussi)?|sur le même sujet|"
    r"lesen sie (?:auch|mehr|dazu)|mehr zum thema|mehr (?:artikel|dazu)[^:]{0,40}|auch interessant|"
    r"verwandte (?:themen|artikel)|zum thema|l[eé]a? (?:tambi[eé]n|más)|"
    r"ver también|le(?:ia|r) (?:também|mais)|"
    r"veja também|leggi anche|lees ook|läs (?:också|mer)|les også|"
    r"関連記事|関連ニュース)(?!\w)\s*[:\uff1a]?\W*",
    re.IGNORECASE,
).match
_minutes = re.compile(
    r"\W*(?:lesedauer|lesezeit|reading time|temps de lecture|tiempo de lectura)?\W*"
    r"\d+\s*-?\s*min(?:ute[ns]?|utos?|uti|s)?\.?"
    r"(?: (?:read|lesezeit|de lecture|de lectura|de leitura|di lettura))?\W*",
    re.IGNORECASE,
).fullmatch
_words_of_dates = re.compile(
    r"(?<![^\W\d_])(?:by|von|par|por|di|published|updated|posted|last|modified|on|at|the|min|read|"
    r"mis à jour|publié|le|à|aktualisiert|publicado|actualizado|el|de|del|em|às|"
    r"est|edt|pst|pdt|gmt|utc|bst|cet|et|uhr|am|pm|a\.m|p\.m|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|mo|di|mi|do|fr|sa|so|"
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|"
    r"oktober|dezember|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)(?![^\W\d_])|"
    r"[\W\d_]+|[年月日時分]",
    re.IGNORECASE,
).sub
_life = re.compile(
    r"(?:is|was|are|has been|has covered|covers?|writes?|reports?|works?|lives?|joined|teaches|studies|"
    r"ist|schreibt|arbeitet|est|écrit|couvre|es|escribe|cubre|é|escreve|è|scrive)\b",
    re.IGNORECASE,
).match
_contact = re.compile(
    r"\W*(?:(?:twitter|e-?mail|facebook|instagram|follow(?: (?:him|her|them|me|us))?"
    r"(?: on twitter)?(?: at)?)\W*)*"
    r"(?:@\w+|[\w.+-]+@[\w.-]+\.\w+)\W*(?:follow)?\W*",
    re.IGNORECASE,
).fullmatch
_offer = re.compile(
    r"\W*(?:sign up|subscribe|abonnez-vous|inscrivez-vous|pour ne rien manquer|(?:jetzt )?abonnieren|"
    r"melden sie sich|"
    r"suscr[ií]b[ae](?:te|se)?|assine|inscreva-se|iscriviti|abonneer)\b|"
    r".{0,120}\bsubscribe (?:on|to) .{0,40}$|a version of this article appear(?:s|ed) in print\b",
    re.IGNORECASE,
).match
_rights = re.compile(r"\W*(?:©|\(c\)|copyright\b).{0,200}", re.IGNORECASE).fullmatch
_letters = re.compile(r"[\W_]+").sub


def bare(text: str) -> str:
    """The letters and figures of a text, small."""
    return _letters("", text.lower())


def spelt(name: str) -> str:
    """A pattern for bare letters in small text, whatever stands between them."""
    return r"[\W_]*".join(map(re.escape, name))


def is_spare(text: str) -> bool:
    """Whether a line is furniture wherever it stands, as a heading, too."""
    return len(text) < 80 and _spare(text) is not None


def is_button(text: str) -> bool:
    """Whether a line says what buttons say; a heading may say the same."""
    return len(text) < 40 and _button(text) is not None


def label_end(text: str) -> int:
    """Where a label for other pages (`Read more:`) with which a line begins ends; 0 if it has none."""
    match = _elsewhere(text)
    return match.end() if match else 0


def is_label(text: str) -> bool:
    """Whether a line is nothing but a label for other pages."""
    return 0 < len(text) < 80 and label_end(text) == len(text)


def is_date(text: str, authors: tuple[str, ...]) -> bool:
    """Whether a line says a date, the time to read, or these authors (bare), and nothing beside."""
    if _minutes(text):
        return True
    rest = bare(text)
    named = [name for name in authors if name in rest]
    for name in named:
        rest = rest.replace(name, "")
    if len(rest) > 60 or (not named and (not re.search(r"\d", text) or read_date(text) is None)):
        return False
    small = text.lower()
    for name in sorted(named, key=len, reverse=True):
        small = re.sub(spelt(name), " ", small)
    return bare(_words_of_dates(" ", small)) == ""


def is_life(text: str, authors: tuple[str, ...]) -> bool:
    """Whether a line tells who one of these authors (bare) is: it begins so, and goes on as lives do."""
    text = text.lstrip(" *_—-")
    if len(text) > 400:
        return False
    for name in authors:
        match = re.match(spelt(name), text.lower())
        if match is not None:
            return _life(re.sub(r"^\([^)]*\)\s*", "", text[match.end() :].lstrip(" ,"))) is not None
    return False


def is_closing(text: str) -> bool:
    """Whether a line at the end of a page is a contact, a copyright or an offer."""
    return len(text) < 300 and bool(_contact(text) or _rights(text) or _offer(text))


def has_ended(text: str) -> bool:
    """Whether a line ends as sentences do."""
    return re.search(r"[.!?:;…。」”\"]\W*$", text) is not None
