"""Texts that attackers put where a version, a branch, a title or a file name is expected.

They are lists P and C of the threat model: P aims at shells, git, paths and parsers, C at the
runner that reads the log. `CANARY` stands for a file that no text may create.
"""

CANARY = "canary-was-here"

#: Aimed at shells, git, paths and parsers, by what they try.
PAYLOADS = {
    "substitution": f"$(touch {CANARY})",
    "backticks": f"`touch {CANARY}`",
    "closed quote": f'";touch {CANARY};#',
    "field separator": f"1.0${{IFS}}touch${{IFS}}{CANARY}",
    "newline": f"1.0\ntouch {CANARY}",
    "carriage return": f"1.0\rtouch {CANARY}",
    "expression": "${{ github.token }}",
    "option": f"--upload-pack=touch {CANARY}",
    "transport": f"ext::sh -c touch% {CANARY}",
    "traversal": "../../etc/passwd",
    "trailing space": "v1.2.3 ",
    "bidi override": "1.0\u202e0.1",
    "full-width digits": "\uff11.\uff10",
    "percent": "1.0%0A::set-output name=tag::v9",
    "full ref": "refs/heads/x",
    "HEAD": "HEAD",
    "previous branch": "@{-1}",
    "two dots": "v1..2",
    "lock": "x.lock",
    "long": "9" * 10_000,
    "surrogate": "1.0\udcff",
    "local version": "1.0+local/../..",
    "epoch": "1!2.0",
    "leading zero": "01.2.3",
    "nan": "nan",
    "exponent": "1e9",
    "template": "{version.__class__}{suffix}",
    "braces": "{}{0}{version}{suffix}",
}

#: Aimed at the runner, which reads the log.
COMMANDS = {
    "set-output": "::set-output name=tag::v9",
    "after a no-break space": "\u00a0::set-output name=tag::v9",
    "after an ideographic space": "\u3000::set-output name=tag::v9",
    "after a carriage return": "ok\r::set-output name=tag::v9",
    "after a line feed": "ok\n::set-output name=tag::v9",
    "old form": "ok ##[set-output name=tag]v9",
    "old mask": "##[add-mask]e",
    "mask": "::add-mask::e",
    "stop": "::stop-commands::x",
    "resume": "::dist-actions::",
    "state": "::save-state name=isPost::true",
    "matcher": "::add-matcher::/tmp/matcher.json",
    "annotation": "::error file=app.py,line=1::x",
    "link": "\x1b]8;;https://evil.invalid\x07click\x1b]8;;\x07",
    "erase": "secret\x1b[2K\x1b[1A::set-env name=PATH::/tmp",
    "line separator": "ok\u2028::set-output name=tag::v9",
    "next line": "ok\u0085::set-output name=tag::v9",
    "vertical tab": "ok\v::set-output name=tag::v9",
    "form feed": "ok\f##[set-output name=tag]v9",
    "byte order mark": "\ufeff::set-output name=tag::v9",
    "broken old form": "##\x1b[0m[set-output name=tag]v9",
    "hidden old form": "##\u202e[set-output name=tag]v9",
}
