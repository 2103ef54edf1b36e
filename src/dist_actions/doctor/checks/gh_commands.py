"""Commands of GitHub's `gh` that mend a setting, between backticks; pure."""


def limit_environment(github_repository: str, environment: str) -> str:
    """Write the command that makes an environment, or limits it to a list of refs."""
    return (
        f"`gh api --method PUT {_path(github_repository, environment)} "
        '-F "deployment_branch_policy[protected_branches]=false" '
        '-F "deployment_branch_policy[custom_branch_policies]=true"`'
    )


def admit_ref(github_repository: str, environment: str, kind: str, pattern: str) -> str:
    """Write the command that lets an environment let in a `branch` or a `tag`."""
    return (
        f"`gh api --method POST {_path(github_repository, environment)}"
        f'/deployment-branch-policies -f "name={pattern}" -f type={kind}`'
    )


def set_variable(github_repository: str, environment: str, name: str) -> str:
    """Write the command that sets a variable; of the repository where no environment is named."""
    options = _options(github_repository, environment)
    return f'`gh variable set {name} {options} --body "VALUE"`'


def set_secret(github_repository: str, environment: str, name: str) -> str:
    """Write the command that stores a secret."""
    file = " <private-key.pem" if name.endswith("KEY") else ""
    return f"`gh secret set {name} {_options(github_repository, environment)}{file}`"


def _options(github_repository: str, environment: str) -> str:
    place = f"--env {environment} " if environment else ""
    return f"{place}--repo {github_repository}"


def _path(github_repository: str, environment: str) -> str:
    return f"repos/{github_repository}/environments/{environment}"
