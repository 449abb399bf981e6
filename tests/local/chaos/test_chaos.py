"""Orders through every fault, and a kill -9 of the run in the middle. `make chaos` does it with 10,000."""

from .chaos import chaos


def test_every_order_is_accounted_for_to_the_message_and_none_is_billed_twice(tmp_path):
    chaos(tmp_path, 160, seed=3, kills=1, poisoned=20).check()
