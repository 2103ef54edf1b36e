"""Expressions are rewritten token by token: names in strings and properties stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_sandbox.rehearse.workflows.expressions import (
    Contexts,
    ForbiddenContextError,
    as_expression,
    map_expressions,
    rewrite,
)

CONTEXTS = Contexts(variables="VARS", secret_names="NAMES", job_token="TOKEN")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("vars.A", "VARS.A"),
        ("vars['A B']", "VARS['A B']"),
        ("toJSON(vars)", "toJSON(VARS)"),
        ("github.event.vars.A", "github.event.vars.A"),
        ("'vars.A'", "'vars.A'"),
        ("'it''s vars.A' == vars.A", "'it''s vars.A' == VARS.A"),
        ("my-vars.A", "my-vars.A"),
        ("VARS.A", "VARS.A"),
        ("secrets.KEY", "secrets[NAMES['KEY']]"),
        ("secrets . KEY", "secrets[NAMES['KEY']]"),
        ("secrets['KEY']", "secrets[NAMES['KEY']]"),
        ("secrets[vars.NAME]", "secrets[NAMES[VARS.NAME]]"),
        ("secrets[format('A_{0}', needs.a.outputs['b'])]",
         "secrets[NAMES[format('A_{0}', needs.a.outputs['b'])]]"),
        ("secrets.GITHUB_TOKEN", "TOKEN"),
        ("secrets['github_token']", "TOKEN"),
        ("github.token", "TOKEN"),
        ("github['token']", "TOKEN"),
        ("github.token_x", "github.token_x"),
        ("steps.secrets.outputs.vars", "steps.secrets.outputs.vars"),
        ("a || vars.A && !secrets.B", "a || VARS.A && !secrets[NAMES['B']]"),
    ],
)  # fmt: skip
def test_rewrite(expression: str, expected: str) -> None:
    assert rewrite(expression, CONTEXTS) == expected


@pytest.mark.parametrize("expression", ["secrets.A", "secrets['A']", "!secrets.A"])
def test_secrets_are_refused_where_github_has_none(expression: str) -> None:
    with pytest.raises(ForbiddenContextError, match="Unrecognized named-value: 'secrets'"):
        rewrite(expression, Contexts("VARS", None, "TOKEN"))


def test_secrets_as_a_whole_are_refused() -> None:
    with pytest.raises(ForbiddenContextError):
        rewrite("toJSON(secrets)", CONTEXTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${{ a }}", "${{ <a> }}"),
        ("x ${{a}} y ${{ b }}", "x ${{ <a> }} y ${{ <b> }}"),
        ("${{ '}}' }}z", "${{ <'}}'> }}z"),
        ("$ {{ a }}", "$ {{ a }}"),
    ],
)
def test_map_expressions(text: str, expected: str) -> None:
    assert map_expressions(text, lambda inner: f"<{inner}>") == expected


def test_an_unclosed_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="not closed"):
        map_expressions("x ${{ a", str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("qa", "'qa'"),
        ("it's", "'it''s'"),
        ("${{ needs.plan.outputs.environment }}", "(needs.plan.outputs.environment)"),
        ("x-${{ a }}-{y}", "format('x-{0}-{{y}}', a)"),
    ],
)
def test_as_expression(text: str, expected: str) -> None:
    assert as_expression(text) == expected


@given(st.text(alphabet=st.sampled_from("abv .'[]{}$-|&=!()_0"), max_size=60))
def test_what_names_no_context_is_left_alone(text: str) -> None:
    assert rewrite(text, CONTEXTS) == text
