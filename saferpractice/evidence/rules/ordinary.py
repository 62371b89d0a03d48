"""Words that are names and something else too, titles, and what follows a title without being a name."""

from __future__ import annotations

_NAMES = """
abbot amber april archer art august autumn baker bank banks baron basil bay beck bell best bill bird bishop black
bond booth bridge bridges bright brook brooks brown bush butler care carer carter case cash chance charity chase
christian church clay coal cole constant cook cooper court crisp cross crystal curry daisy dale dawn day days dean
dear do does drake drew duke earl east ed english eve faith farmer field fields finch firth fisher foot ford forest
foster fox frank freeman friend frost fry garden gardener gay gift ginger gold golden good grace grant gray green
grey grove guy hall hand hands harbour hardy harmony harper harry head heart heath hill hills hollow holly home hood
hope house hunt hunter in indigo iris israel ivy jack jade jewel jordan joy judge june justice keen keys kind king
kitchen knight lake lamb land lane lark law lee lily little lock long lord love low major march mark marks marsh
martin mason may meadow miles mill mills mist moody moon moor moss myrtle nice noble north nurse olive page parish
park parks pat pearl penny pepper piper place pope porter post potter power price priest prince quick ray read ready
reed rest rich ring rivers rob robin rose rowan royal ruby rush sage sands savage see seed self senior sharp
shepherd short silver singer sky small smart snow south speed spring star steel stern still stone street strong sue
summer summers sun swan swift taylor temple thorn thrift tidy tower town trust turner twist under violet wake walker
wall walls ward waters way weaver webb weeks well wells west white wild will wills win winter wise wolf wood woods
work wren yard york young
"""
_SHORT = "am an as at be by go he ha hi if is it me my no of oh ok on or so to up us we"
_PARTICLES = "de van der den von la le du di da dos das el al ul bin bint ibn ap ab st zu zur ten ter"
_TITLES = "mr mrs ms mx dr prof professor messrs"
_CAPITAL_TITLES = """
miss master doctor sir dame lady lord rev reverend fr father mother sister brother nurse matron pc dc ds di sgt
sergeant inspector constable judge cllr councillor aunt auntie uncle nan grandma grandad rabbi imam pastor
"""
_NOT_NAMES = """
a an and any are as at about after again all also asked at be been before but by called came can could did do does
for from gave had has have he her him his how if in into is it its left may me might must my no not of on or our out
over rang said saw sent she should so spoke than that the their them then there they this to told up was we went
were what when where which who whom why will with would you your practitioner practitioners manager managers
consultant consultants specialist associate associates lead led call charge team teams prescriber adviser advisor
office officer madam unit station
"""

ORDINARY = frozenset((_NAMES + _SHORT).split())
"""They count as a name only where they are written large."""
PARTICLES = frozenset(_PARTICLES.split())
"""Parts of a name that are never one by themselves."""
TITLES = frozenset(_TITLES.split())
"""Titles that hardly mean anything else: a name follows even where it is not written large."""
CAPITAL_TITLES = frozenset(_CAPITAL_TITLES.split())
"""Titles that are words too: a name follows only where both are written large."""
NOT_NAMES = frozenset(_NOT_NAMES.split())
"""Words after a title that are no name."""
