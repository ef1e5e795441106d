"""The parts the world is drawn with: hashes, permutations, shares that add up, specimen numbers, careers."""

import numpy as np
import pytest

from matching.core.ssn import SsnWorld, refuse_reason
from matching.core.world.careers import Careers, following, ordinal
from matching.core.world.randomness import LinearMaps, Permutation, hashes, normals, stream_key, uniforms
from matching.core.world.shares import share_evenly, share_out
from matching.core.world.specimens import SPECIMENS, specimen_numbers


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 65, 1_000, 99_991])
@pytest.mark.parametrize("key", [0, 1, 2**63 + 5])
def test_permutation_is_one_to_one_and_undoes_itself(n: int, key: int) -> None:
    permutation, index = Permutation(n, key), np.arange(n)
    image = permutation.forward(index)

    assert np.array_equal(np.sort(image), index)
    assert np.array_equal(permutation.backward(image), index)


def test_linear_maps_are_one_to_one_and_undo_themselves() -> None:
    sizes = np.array([1, 2, 5, 97, 1_000, 25_000_000])
    maps = LinearMaps(sizes, hashes(7, np.arange(6)), np.arange(6))
    for row, n in enumerate(sizes.tolist()):
        index = np.arange(min(n, 20_000))
        rows = np.full(len(index), row)
        image = maps.forward(index, rows)

        assert len(np.unique(image)) == len(index)
        assert 0 <= image.min() <= image.max() < n
        assert np.array_equal(maps.backward(image, rows), index)


def test_permutation_leaves_no_visible_order() -> None:
    image = Permutation(100_000, stream_key(1, "x")).forward(np.arange(100_000))

    assert abs(np.corrcoef(image[:-1], image[1:])[0, 1]) < 0.05
    assert abs(np.corrcoef(np.arange(100_000), image)[0, 1]) < 0.05


def test_draws_are_uniform_normal_and_differ_by_stream() -> None:
    index = np.arange(100_000)
    one, other = uniforms(stream_key(1, "a"), index), uniforms(stream_key(1, "b"), index)
    bell = normals(stream_key(1, "c"), index)

    assert np.abs(np.histogram(one, 20, (0, 1))[0] - 5_000).max() < 350
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
    assert abs(bell.mean()) < 0.02
    assert abs(bell.std() - 1) < 0.02


@pytest.mark.parametrize("seed", range(20))
def test_share_out_adds_up_whatever_the_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 40, 60)
    totals = rng.integers(0, 10 ** rng.integers(1, 11), 60)
    weights = rng.lognormal(0, 2, sizes.sum()) * (rng.random(sizes.sum()) < rng.random())
    first = np.cumsum(sizes) - sizes

    parts = share_out(totals, weights, sizes)

    assert parts.min() >= 0
    assert np.array_equal(np.add.reduceat(parts, first), totals)


def test_share_out_does_not_depend_on_its_neighbours() -> None:
    weights = np.random.default_rng(1).lognormal(0, 1, 90)
    sizes, totals = np.full(9, 10), np.arange(1_000, 10_000, 1_000)

    whole = share_out(totals, weights, sizes)

    assert np.array_equal(whole[40:50], share_out(totals[4:5], weights[40:50], sizes[4:5]))


def test_share_evenly_returns_the_weights_when_they_sum_to_the_total() -> None:
    weights = np.random.default_rng(2).integers(0, 9_000, 50_000)

    assert np.array_equal(share_evenly(int(weights.sum()), weights), weights)
    assert share_evenly(12_345, weights).sum() == 12_345


def test_specimen_numbers_are_unique_and_accepted_only_as_specimens() -> None:
    numbers = specimen_numbers(5, np.concatenate([np.arange(300_000), np.arange(SPECIMENS - 1_000, SPECIMENS)]))

    assert len(np.unique(numbers)) == len(numbers)
    assert not np.any(refuse_reason(numbers, SsnWorld.SPECIMEN))
    assert np.all(refuse_reason(numbers, SsnWorld.REAL))
    with pytest.raises(ValueError, match="specimen numbers"):
        specimen_numbers(5, np.array([SPECIMENS]))


@pytest.mark.parametrize("quarter", [20151, 20161, 20164, 20183])
def test_careers_match_persons_and_positions_one_to_one(quarter: int) -> None:
    careers = Careers(3, 10_000, [0, 6_000, 10_000], [0, 10, 2_000, 6_000, 8_000, 10_000])
    positions = careers.positions_of(np.arange(10_000), quarter)

    assert np.array_equal(np.sort(positions), np.arange(10_000))
    assert np.array_equal(careers.persons_at(positions, quarter), np.arange(10_000))


def test_careers_know_which_positions_may_have_changed_hands() -> None:
    careers = Careers(3, 10_000, [0, 6_000, 10_000], [0, 6_000, 10_000])
    positions = np.arange(10_000)
    before = careers.persons_at(positions, 20162)

    after, news = careers.persons_and_news(positions, 20163)

    assert news[before != after].all()
    assert 0.08 < (before != after).mean() < 0.2
    assert (before != after).sum() > 0.9 * news.sum()


def test_careers_go_on_for_years_without_settling() -> None:
    careers = Careers(3, 10_000, [0, 6_000, 10_000], [0, 3_000, 6_000, 8_000, 10_000])
    home = careers.positions_of(np.arange(10_000), 20161)
    years = [careers.positions_of(np.arange(10_000), 20161 + 10 * year) for year in (1, 5, 10)]
    away = [(there != home).mean() for there in years]
    abroad = [((there < 6_000) != (home < 6_000)).mean() for there in years]

    assert 0.25 < away[0] < 0.6 < away[1] < away[2]
    assert 0.005 < abroad[0] < abroad[1] < abroad[2] < 0.12


def test_quarters_are_counted_without_gaps() -> None:
    assert [following(20164), following(20161, -1), following(20161, 9)] == [20171, 20154, 20182]
    assert ordinal(20171) - ordinal(20164) == 1
