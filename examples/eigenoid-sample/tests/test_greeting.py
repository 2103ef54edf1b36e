from importlib.metadata import version

import eigenoid_sample


def test_greets_by_name():
    assert eigenoid_sample.greet("Ada").startswith("Hello, Ada")


def test_knows_the_version_that_was_installed():
    assert eigenoid_sample.__version__ == version("eigenoid-sample")
