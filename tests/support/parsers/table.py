"""All parsers of the product that read what others wrote."""

from support.parsers import (
    archives,
    github,
    identity,
    index,
    job,
    output,
    project,
    services,
    texts_of_git,
    workflows,
)
from support.parsers.parser import Parser

PARSERS: tuple[Parser, ...] = (
    *job.PARSERS,
    *identity.PARSERS,
    *project.PARSERS,
    *workflows.PARSERS,
    *archives.PARSERS,
    *index.PARSERS,
    *services.PARSERS,
    *github.PARSERS,
    *texts_of_git.PARSERS,
    *output.PARSERS,
)
BY_NAME = {parser.name: parser for parser in PARSERS}
#: What `scripts/soak fuzz` runs where nothing is named.
FUZZED = (
    *("tags", "versions", "index pages", "claims", "GitHub's releases", "GitHub's pull request"),
    *("wheels", "sdists"),
)
