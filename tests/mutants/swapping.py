"""A changed function in the place of the one that is imported: no module is imported anew."""

import functools
import gc
import types


def codes(code, way=()):
    """The code object and all inside it, by the way that leads there."""
    yield way, code
    for at, each in enumerate(each for each in code.co_consts if isinstance(each, types.CodeType)):
        yield from codes(each, (*way, at, each.co_name))


def remembering():
    """The package's functions that remember their answers."""
    cached = (each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper))
    return [each for each in cached if (each.__module__ or "").startswith("cdk_event_flow")]


class Alive:
    """The package's functions that are alive in this process, and what they remember of earlier calls."""

    def __init__(self):
        self._functions = {}
        self._caches = remembering()
        for each in gc.get_objects():
            if isinstance(each, types.FunctionType):
                self._functions.setdefault(each.__code__.co_filename, []).append(each)

    def forget(self):
        """As if nothing had been called yet."""
        for each in self._caches:
            each.cache_clear()

    def of(self, path, source):
        """The functions of one file."""
        return Live(str(path), source, self._functions.get(str(path), []))


class Live:
    """The functions of one file, by where they stand in it."""

    def __init__(self, path, source, functions):
        self._path = path
        self._before = dict(codes(compile(source, path, "exec", dont_inherit=True)))
        ways = {code: way for way, code in self._before.items()}
        self._functions = {}
        for each in functions:
            if each.__code__ in ways:
                self._functions.setdefault(ways[each.__code__], []).append(each)

    def swap(self, tree):
        """Every function that differs in the changed file gets its new code. False where it cannot be put in place alive."""
        swapped = False
        for way, code in codes(compile(tree, self._path, "exec", dont_inherit=True)):
            if way and self._before.get(way) != code:
                for function in self._functions.get(way, ()):
                    try:
                        function.__code__ = code
                    except ValueError:  # it closes over something else
                        return False
                    swapped = True
        return swapped
