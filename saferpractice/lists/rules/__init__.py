"""Pure rules of the dated lists: what a list file holds, how it is loaded, which entries are in force."""

from saferpractice.lists.rules.checks import Checked, reason_problem
from saferpractice.lists.rules.files import DATA, Entry, ListFile, Source, current, entry_from_data, load, load_folder
from saferpractice.lists.rules.mistakes import ListMistakes, Mistake

__all__ = [
    "DATA",
    "Checked",
    "Entry",
    "ListFile",
    "ListMistakes",
    "Mistake",
    "Source",
    "current",
    "entry_from_data",
    "load",
    "load_folder",
    "reason_problem",
]
