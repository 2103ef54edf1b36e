"""GitHub's primary rate limit, as its headers show it."""

#: Requests per hour of an authenticated caller.
HOURLY_LIMIT = 5000


def rate_limit_headers(*, used: int, now: int) -> dict[str, str]:
    """The headers of every answer.

    Args:
        used: Requests that the sandbox has served; the limit itself is not enforced.
        now: Seconds since the epoch.
    """
    counted = used % HOURLY_LIMIT
    return {
        "X-RateLimit-Limit": str(HOURLY_LIMIT),
        "X-RateLimit-Remaining": str(HOURLY_LIMIT - counted),
        "X-RateLimit-Used": str(counted),
        "X-RateLimit-Reset": str(now - now % 3600 + 3600),
        "X-RateLimit-Resource": "core",
    }
