"""Which edges are drawn backwards, and which layer each vertex stands in."""

from collections.abc import Sequence

Edge = tuple[int, int]


def backward(count: int, edges: Sequence[Edge], weak: Sequence[bool]) -> list[bool]:
    """Of each edge, whether it closes a cycle. `weak` edges (a function publishing to a bus) are the first to be turned.

    The other edges' cycles are broken by depth-first search from the sources; a weak edge closes a cycle if its start can
    be reached from its end by what is kept. An edge from a vertex to itself closes one, too.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    incoming = [0] * count
    for index, (start, end) in enumerate(edges):
        if not weak[index]:
            after[start].append(index)
            incoming[end] += 1
    turned = _back_edges(count, edges, after, sorted(range(count), key=lambda vertex: (incoming[vertex] > 0, vertex)))
    onward = [[edges[index][1] for index in each if not turned[index]] for each in after]
    for index, (start, end) in enumerate(edges):
        if weak[index]:
            turned[index] = _reaches(onward, end, start)
            if not turned[index]:
                onward[start].append(end)
    return turned


def _back_edges(count: int, edges: Sequence[Edge], after: Sequence[Sequence[int]], roots: Sequence[int]) -> list[bool]:
    turned = [False] * len(edges)
    state = [0] * count  # 0 not seen, 1 on the path, 2 done
    for root in roots:
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(after[root]))]
        while stack:
            vertex, rest = stack[-1]
            for index in rest:
                end = edges[index][1]
                if state[end] == 1:
                    turned[index] = True
                elif state[end] == 0:
                    state[end] = 1
                    stack.append((end, iter(after[end])))
                    break
            else:
                state[vertex] = 2
                stack.pop()
    return turned


def _reaches(onward: Sequence[Sequence[int]], start: int, goal: int) -> bool:
    seen, todo = {start}, [start]
    while todo:
        vertex = todo.pop()
        if vertex == goal:
            return True
        for each in onward[vertex]:
            if each not in seen:
                seen.add(each)
                todo.append(each)
    return False


def layers_of(count: int, edges: Sequence[Edge], spans: Sequence[int]) -> list[int]:
    """The layer of each vertex of an acyclic graph: the longest path to it, then pulled towards what it feeds.

    `spans` say how many layers each edge bridges at least. Pulling shortens edges: a vertex that feeds more than it is fed
    by moves right as far as it can. Layers that stay empty are left out.
    """
    before: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    after: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for (start, end), span in zip(edges, spans, strict=True):
        after[start].append((end, span))
        before[end].append((start, span))
    layer = [0] * count
    order = _topological(before, after)
    for vertex in order:
        layer[vertex] = max((layer[each] + span for each, span in before[vertex]), default=0)
    for vertex in reversed(order):
        if len(after[vertex]) > len(before[vertex]):
            layer[vertex] = min(layer[each] - span for each, span in after[vertex])
    numbers = {each: number for number, each in enumerate(sorted(set(layer)))}
    return [numbers[each] for each in layer]


def _topological(before: Sequence[Sequence[tuple[int, int]]], after: Sequence[Sequence[tuple[int, int]]]) -> list[int]:
    waiting = [len(each) for each in before]
    order = [vertex for vertex, missing in enumerate(waiting) if missing == 0]
    for vertex in order:
        for each, _ in after[vertex]:
            waiting[each] -= 1
            if waiting[each] == 0:
                order.append(each)
    return order
