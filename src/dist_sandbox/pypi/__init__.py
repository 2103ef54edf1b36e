"""PyPI and TestPyPI: two indexes that share nothing, at `/pypi` and `/testpypi`.

They take and refuse what PyPI does, in its words; attestations are verified with the keys of the
sandbox's Sigstore.
Both start empty, with one publisher: the workflow `release.yml` of the sandbox's repository may
create, and then publish, the project named like the repository, from any environment.

Control, at `/_sandbox/pypi/WHICH` where WHICH is `pypi` or `testpypi`; bodies and answers are JSON:

`GET ""`
    Settings and publishers.
`GET /projects`
    Projects with their releases (version and when it was created) and files.
`PUT /publishers` `{"publishers": [{…}, …]}`
    Replace all publishers. Each has `project`, `owner`, `owner_id`, `repository`, `workflow`,
    `environment`; what is left out is that of the publisher at the start. One whose project does
    not exist is pending, and its first use creates the project. As on PyPI, only one pending
    publisher may have the same workflow and environment: give packages that are both new
    environments of their own, or create one project by a token first.
`POST /tokens` `{"project": NAME or null, "lifetime_seconds": NUMBER or null}`
    A user's API token, for one project or all; the answer is `{"token": "pypi-…"}`.
`DELETE /files/NAME`, `DELETE /projects/NAME`
    What an owner deletes: names of files are burnt.
`PATCH /settings`
    `file_size_limit_bytes`, `project_size_limit_bytes`, `trusted_publishing` and `uploads`
    (whether enabled), `stale_reads` (how many reads of a project's page after a change still show
    the page before it), `prohibited_names`.
`POST /reset`
    Settings and publishers as at the start; with `{"everything": true}` projects, files and
    tokens are forgotten, too.
"""
