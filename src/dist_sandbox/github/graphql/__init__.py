"""GitHub's GraphQL API, as far as promotion and its clients use it."""
