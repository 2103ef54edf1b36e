from eigenoid_web import render


def test_the_page_greets_its_visitor() -> None:
    assert render("Ada") == "<h1>Hello, Ada!</h1>"
