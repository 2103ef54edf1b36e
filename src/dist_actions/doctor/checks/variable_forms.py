"""What is wrong with a variable's value, by the name that such variables usually have; pure."""

import re
from collections.abc import Mapping

from dist_actions.errors import InputError
from dist_actions.indexes.target_inputs import read_index_address, read_targets
from dist_actions.job.inputs import InputReader

#: The input that each variable is given to; the inputs know how their values are written.
_INPUTS: Mapping[str, str] = {
    "GCP_WIF_PROVIDER": "workload-identity-provider",
    "GCP_SA_EMAIL": "service-account",
    "GCP_PROJECT_ID": "project-id",
    "AR_LOCATION": "location",
    "AR_REPOSITORY": "repository",
    "PREVIOUS_INDEX_URL": "previous-index",
}
_CLIENT_ID = re.compile(r"Iv[0-9A-Za-z.]{6,60}", re.ASCII)


def find_form_problem(name: str, value: str) -> tuple[str, str] | None:
    """Say what is wrong with a value, and how it is written; None where nothing is.

    Args:
        name: Of the variable, in upper case.
    """
    if name.endswith("_CLIENT_ID"):
        if _CLIENT_ID.fullmatch(value):
            return None
        return f"is {value[:80]!r}, which is no client ID", "take the one that begins with Iv"
    if name not in _INPUTS:
        return None
    if not value.strip():
        return "is empty", "give it a value"
    reader = InputReader({f"INPUT_{_INPUTS[name].upper()}": value})
    if name == "PREVIOUS_INDEX_URL":
        read_index_address(reader, _INPUTS[name])
    else:
        read_targets(reader)
    try:
        reader.finish()
    except InputError as error:
        problem = error.what.partition(f"{_INPUTS[name]} ")[2].rstrip(".")
        return problem, error.fix.partition(": ")[2].rstrip(".")
    return None
