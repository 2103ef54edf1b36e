"""GitHub's primary rate limit, as its headers show it."""

#: Requests per hour of an authenticated caller.
HOURLY_LIMIT = 5000


def rate_limit_headers(*, served: int, now: int) -> dict[str, str]:
    """Make the headers of every answer; the limit itself is not enforced.

    Args:
        served: Requests that the sandbox has served.
        now: Seconds since the epoch.
    """
    count = served % HOURLY_LIMIT
    return {
        "X-RateLimit-Limit": str(HOURLY_LIMIT),
        "X-RateLimit-Remaining": str(HOURLY_LIMIT - count),
        "X-RateLimit-Used": str(count),
        "X-RateLimit-Reset": str(now - now % 3600 + 3600),
        "X-RateLimit-Resource": "core",
    }
