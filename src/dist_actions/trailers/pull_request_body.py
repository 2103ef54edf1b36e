"""The part of a pull request's text that promote writes, between its two marks; pure."""

BEGIN = "<!-- dist-actions: promotion -->"
END = "<!-- /dist-actions: promotion -->"


def find_promotion_part(body: str) -> str:
    """Find what promote wrote, without the marks; empty where a mark is missing."""
    before_end, end, _ = body.replace("\r\n", "\n").partition(END)
    _, begin, part = before_end.rpartition(BEGIN)
    return part if begin and end else ""


def read_body_trailers(body: str) -> dict[str, str]:
    """Read the trailers at the end of promote's part, by name; none where there is no such part."""
    block = find_promotion_part(body).strip().rpartition("\n\n")[2]
    pairs = (line.partition(": ") for line in block.splitlines())
    return {name: value.strip() for name, separator, value in pairs if separator}
