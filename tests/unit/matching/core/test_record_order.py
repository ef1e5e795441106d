"""Order of the match and employers' sums, against the plain way to do them."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from matching.core.edits.employer_sums import NOBODY, EmployerSums
from matching.core.micro.record_order import ROW, in_record_order

NAMES = ROW.names or ()
row = st.tuples(
    st.integers(0, 3) | st.integers(0, 2**31 - 1), st.integers(0, 3) | st.integers(0, 2**31 - 1),
    st.integers(-5, 5) | st.integers(-(2**31) + 1, 2**31 - 1), st.integers(-1, 2), st.integers(-1, 2),
)  # fmt: skip
few_units = st.tuples(
    st.integers(0, 4), st.integers(0, 2), st.integers(-(2**31) + 1, 2**31 - 1), st.just(-1), st.just(-1)
)


@given(st.lists(row, max_size=40))
def test_records_come_in_the_order_of_all_columns(rows):
    columns = in_record_order(np.array(rows, ROW))
    assert list(zip(*(columns[name].tolist() for name in NAMES), strict=True)) == sorted(rows)


@given(st.lists(few_units, min_size=1, max_size=60))
def test_sums_agree_with_an_independent_reference(rows):
    sums = EmployerSums(3)
    persons = sorted({person for person, *_ in rows})
    for some in (persons[: len(persons) // 2], persons[len(persons) // 2 :]):  # in two ranges of persons
        sums.add(in_record_order(np.array([one for one in rows if one[0] in some], ROW)))
    frame = pl.DataFrame(rows, schema=NAMES, orient="row").with_row_index()
    # each record of person 0 is a person of its own
    frame = frame.with_columns(who=pl.when(pl.col("person") == 0).then(-1 - pl.col("index")).otherwise("person"))
    each = frame.group_by("unit", "who").agg(pl.col("wages").sum(), jobs=pl.len())
    for unit in range(3):
        of_unit = each.filter(pl.col("unit") == unit)
        largest = [*sorted(of_unit["wages"].to_list(), reverse=True), NOBODY, NOBODY]
        kept = [int(column[unit]) for column in (sums.persons, sums.jobs, sums.wages, sums.largest, sums.second)]
        assert kept == [of_unit.height, of_unit["jobs"].sum(), of_unit["wages"].sum(), *largest[:2]]
