from threading import get_ident

import numpy as np

from lindero.machine.threads import map_chunks, map_weighted_chunks, use_one_core


def test_what_comes_of_a_range_comes_in_order():
    assert map_chunks(lambda some: some, 10, chunk=4) == [slice(0, 4), slice(4, 8), slice(8, 10)]
    assert map_chunks(lambda some: some, 0, chunk=4) == []


def test_the_heaviest_are_begun_first_and_what_came_of_them_stands_in_order():
    weights, begun = np.array([1, 1, 9, 1, 5]), []

    def work(some: slice) -> int:
        begun.append(weights[some].sum())
        return some.start

    with use_one_core():
        assert map_weighted_chunks(work, weights, max_features=10, max_weight=3) == [0, 2, 3, 4]
    assert begun == [9, 5, 2, 1]
    assert map_weighted_chunks(work, weights[:0], max_features=10, max_weight=3) == []


def test_what_a_thread_works_on_is_shared_out_no_further():
    def work(_: slice) -> set[int]:
        return {get_ident(), *map_chunks(lambda _: get_ident(), 5, chunk=1)}

    assert [len(threads) for threads in map_chunks(work, 6, chunk=1)] == [1] * 6


def test_on_one_core_nothing_is_shared_out():
    with use_one_core():
        assert set(map_chunks(lambda _: get_ident(), 5, chunk=1)) == {get_ident()}
