"""What PyPI and TestPyPI refuse, and other indexes mostly take; pure.

Each rule is a function that returns problems. The action asks them for every file before the first
upload to PyPI, by `acceptance.require_accepted`; the sandbox's PyPI refuses by the same functions.
Classifiers, e-mail addresses, addresses of pages and the names of the standard library are judged
by the libraries that PyPI itself uses for them.
"""
