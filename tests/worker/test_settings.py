"""What a worker reads from its environment."""

import pytest

from cdk_event_flow.worker.settings import Settings, SettingsError

USUAL = {
    "WORKER_NAME": "Fleet",
    "WORKER_HANDLER": "handler.handler",
    "WORKER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/111122223333/Jobs",
    "WORKER_QUEUE_ARN": "arn:aws:sqs:eu-west-1:111122223333:Jobs",
}


def test_all_but_four_have_a_usual_value():
    settings = Settings.of(USUAL)
    assert (settings.batch, settings.timeout, settings.visibility, settings.stop, settings.protect) == (10, 900, 60, 110, False)


@pytest.mark.parametrize("name", USUAL)
def test_the_four_must_be_there(name):
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        Settings.of({**USUAL, name: ""})


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("WORKER_BATCH", ["1", "10"], ["0", "11", "-1", "ten", "1.5", "²"]),
        ("WORKER_TIMEOUT", ["1", "43200"], ["0", "43201"]),
        ("WORKER_VISIBILITY", ["1", "43200"], ["0", "43201"]),
        ("WORKER_WAIT", ["0", "20"], ["21"]),
        ("WORKER_STOP", ["0", "43200"], ["43201"]),
    ],
)
def test_numbers_have_ranges(name, inside, outside):
    for value in inside:
        Settings.of({**USUAL, name: value})
    for value in outside:
        with pytest.raises(SettingsError, match=name):
            Settings.of({**USUAL, name: value})
