"""The monsoon seas: their ports and the old ways between them."""

from __future__ import annotations

from tools.pictures.canvas import BODY, INK, MARGIN, SMALL, TERRACOTTA, TOP, WIDTH, Canvas, page
from tools.pictures.geography import Place
from tools.pictures.geometry import line
from tools.pictures.maps import Chart

PORTS = (
    Place("Aden", 45.0, 12.8, "n"),
    Place("Mombasa", 39.7, -4.0, "e"),
    Place("Zanzibar", 39.2, -6.2, "e"),
    Place("Muscat", 58.6, 23.6, "w"),
    Place("Gwadar", 62.3, 25.1, "n"),
    Place("Karachi", 67.0, 24.8, "n"),
    Place("Mumbai", 72.8, 18.9, "e"),
    Place("Kozhikode (Calicut)", 75.8, 11.2, "w"),
    Place("Kochi", 76.2, 9.9, "w"),
    Place("Colombo", 79.9, 6.9, "w"),
    Place("Galle", 80.2, 6.0, "s"),
    Place("Chennai", 80.3, 13.1, "w"),
    Place("Kolkata", 88.3, 22.6, "w"),
    Place("Chattogram\n(Chittagong)", 91.8, 22.3, "n"),
)
DASH = (8, 5)
ROUTES = (
    line("45.2 12.4, 50 13.6, 60 14.4, 68 12.8, 75.4 11.3"),
    line("59.0 23.6, 64 21.0, 70 15.5, 74.8 11.9, 75.6 11.3"),
    line("40.6 -3.2, 45 0.4, 51 6.5, 57 14.5, 60.6 21.0, 59.2 23.5"),
    line("40.6 -3.9, 48 -2.5, 60 1.5, 70 5.0, 74.6 7.6, 76.0 9.6"),
    line("80.1 5.7, 81.6 5.4, 83.2 8.0, 86.5 14.0, 90.4 19.6, 91.7 22.0"),
    line("80.6 13.0, 83.6 14.4, 87.2 19.0, 88.1 21.6"),
    line("72.5 18.8, 70.0 20.4, 67.4 23.4, 66.9 24.6"),
)


def ports() -> Canvas:
    """Draw the ports round the Arabian Sea and the Bay of Bengal."""
    sheet = page(
        "Ports of the monsoon seas",
        "Harbours round the Arabian Sea and the Bay of Bengal",
        "Sailing routes schematic; no boundaries are shown.",
        height=640,
    )
    chart = Chart((WIDTH - 2 * MARGIN, 504), 36.4, -7.8, 27.4)
    chart.lines(ROUTES, TERRACOTTA, 1.8, DASH, rounds=3)
    chart.towns(PORTS)
    chart.sea((63.6, 18.0), "Arabian\nSea", BODY)
    chart.sea((89.4, 12.0), "Bay of\nBengal", BODY)
    chart.sea((72.0, -4.0), "Indian Ocean", BODY)
    chart.region((47.5, 21), "Arabia")
    chart.region((40.6, 7), "Africa")
    chart.region((78, 21), "India")
    chart.marks((700, 490), 1000)
    x, y = 490, 488
    chart.line([(x, y), (x + 46, y)], TERRACOTTA, 1.8, DASH)
    chart.text((x + 56, y), "old sailing routes", SMALL, INK, "lm")
    sheet.paste(chart, (MARGIN, TOP))
    return sheet
