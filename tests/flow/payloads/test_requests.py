"""Routes and requests of APIs."""

import json

import pytest

from cdk_event_flow.flow.payloads import http


@pytest.mark.parametrize(
    ("route", "path", "parameters"),
    [
        ("orders/{id}/", "/orders/7/", {"id": "7"}),
        ("/a/{rest+}", "/a/b/c", {"rest": "b/c"}),
        ("/a/{rest+}", "/a/", None),
        ("/a/{rest+}", "/b/c", None),
        ("/a/{id}/c", "/a/b/c", {"id": "b"}),
        ("/a/{id", "/a/b", None),
        ("/a/id}", "/a/b", None),
        ("/a/rest+}", "/a/b", None),
        ("/a", "/a/b", None),
        ("/Xa", "/Xa", {}),
        ("/{id}", "/Xa", {"id": "Xa"}),
    ],
)
def test_a_route_with_parameters_takes_them_from_the_path(route, path, parameters):
    assert http.matched(route, path) == parameters


def test_a_path_begins_with_one_slash():
    assert [http.Request.of({"path": given}).path for given in ("a/b/", "/a", "//a", "", "Xa")] == ["/a/b/", "/a", "/a", "/", "/Xa"]


def test_texts_are_of_an_object_alone():
    assert json.dumps([http.texts({1: 2, "a": None}), http.texts(["a"]), http.texts(None)]) == '[{"1": "2", "a": "None"}, {}, {}]'
