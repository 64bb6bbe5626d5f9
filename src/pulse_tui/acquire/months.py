"""The names of months, whole and cut short, in the languages in which feeds and pages give their dates."""

from __future__ import annotations

_NAMES = (
    "january januar janvier enero gennaio janeiro januari jan janv ene gen янв",
    "february februar février fevrier febrero febbraio fevereiro februari feb févr fév fev фев",
    "march märz marz mars marzo março marco maart mar mär mrz mrt мар",
    "april avril abril aprile apr avr abr апр",
    "may mai mayo maggio maio mei mag май мая",
    "june juni juin junio giugno junho jun giu июн",
    "july juli juillet julio luglio julho jul juil lug июл",
    "august août aout agosto augustus aug aoû aou ago авг",
    "september septembre septiembre settembre setembro sept sep set сен",
    "october oktober octobre octubre ottobre outubro oct okt ott out окт",
    "november novembre noviembre novembro nov ноя",
    "december dezember décembre decembre diciembre dicembre dezembro december dec dez déc dic des дек",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
"""The number of each, from 1, by its name in small letters."""


def month_of(name: str) -> int:
    """The number of the month whose name this is, or begins with what people cut it to; 0 if it is none."""
    name = name.lower()
    return next((MONTHS[name[:length]] for length in range(len(name), 2, -1) if name[:length] in MONTHS), 0)
