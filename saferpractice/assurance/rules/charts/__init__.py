"""Charts that do not lie: pure rules, no drawing."""

from saferpractice.assurance.rules.charts.rare import Chart, Line, LineChart, longer_than_limit, read_chart
from saferpractice.assurance.rules.charts.runs import Runs, fewest_crossings, runs_about, too_long
from saferpractice.assurance.rules.charts.signals import (
    Assurance,
    Better,
    Labelled,
    Reading,
    Signal,
    TwoInThree,
    XmrChart,
    assurance_of,
    label_points,
    read_xmr,
    reading_of,
)
from saferpractice.assurance.rules.charts.which import Choice, Drawn, Number, which_chart
from saferpractice.assurance.rules.charts.xmr import RULES, ChartRefused, Group, Point, place

__all__ = [
    "RULES",
    "Assurance",
    "Better",
    "Chart",
    "ChartRefused",
    "Choice",
    "Drawn",
    "Group",
    "Labelled",
    "Line",
    "LineChart",
    "Number",
    "Point",
    "Reading",
    "Runs",
    "Signal",
    "TwoInThree",
    "XmrChart",
    "assurance_of",
    "fewest_crossings",
    "label_points",
    "longer_than_limit",
    "place",
    "read_chart",
    "read_xmr",
    "reading_of",
    "runs_about",
    "too_long",
    "which_chart",
]
