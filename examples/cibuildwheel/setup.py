"""The module in C; all else stands in pyproject.toml."""

from setuptools import Extension, setup

# One wheel of the stable ABI for each platform serves 3.11 and all later Pythons.
setup(
    ext_modules=[
        Extension(
            "eigenoid_cibuildwheel._greeting",
            ["src/eigenoid_cibuildwheel/_greeting.c"],
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
