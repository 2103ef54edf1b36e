from importlib.metadata import version

import MyLib


def test_the_installed_version_is_the_one_in_the_module() -> None:
    assert version("MyLib") == MyLib.__version__


def test_a_greeting() -> None:
    assert MyLib.greet("world") == "Hello, world!"
