"""For each kind of finding, what is done to the sound template to raise it: the resource, and the change of its properties.

Where the resource is `None`, the change is of all resources. `SOUND_TOO` is just inside of what `CASES` is just outside of:
nothing is found.
"""

from . import contracts, limits, loops, lost, networks, permissions, routes, scale, times, workers

_FAMILIES = (routes, lost, times, limits, permissions, networks, loops, contracts, scale, workers)
CASES = {id: cases for family in _FAMILIES for id, cases in family.CASES.items()}
SOUND_TOO = {id: cases for family in _FAMILIES for id, cases in family.SOUND_TOO.items()}
