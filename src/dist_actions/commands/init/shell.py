"""Write what a project's files hold into shell commands; pure."""

import re
import shlex


def quote(word: str) -> str:
    """Quote a word for the shell as people write it; nothing in it is expanded or run."""
    if shlex.quote(word) == word:
        return word
    # In double quotes these have a meaning of their own.
    return shlex.quote(word) if re.search(r'["$`\\]', word) else f'"{word}"'
