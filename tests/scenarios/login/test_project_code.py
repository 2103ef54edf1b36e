"""Code of the project, in a later step of the job: what it can do with what a login handed over."""

import json
from pathlib import Path

from support.projects.private_packages import READING, PrivatePackages
from support.sandbox.fixtures import Sandbox

#: A step that tries everything with the reader's token, and prints what was answered.
HOSTILE = """import json, netrc, os, sys, urllib.error, urllib.request, base64

_, _, token = netrc.netrc(os.environ["NETRC"]).authenticators("127.0.0.1")
basic = "Basic " + base64.b64encode(("oauth2accesstoken:" + token).encode()).decode()
answers = {}
for name, (method, url, kind, content_type, body) in json.loads(sys.argv[1]).items():
    authorization = basic if kind == "basic" else "Bearer " + token
    headers = {"Authorization": authorization, "Content-Type": content_type}
    data = body.encode() if body else None
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            answers[name] = [answer.status, answer.read().decode()[:2000]]
    except urllib.error.HTTPError as error:
        answers[name] = [error.code, ""]
print(json.dumps(answers))
"""
FORM = "multipart/form-data; boundary=b"
UPLOAD = (
    '--b\r\nContent-Disposition: form-data; name=":action"\r\n\r\nfile_upload\r\n'
    '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\neigenoid-core\r\n'
    '--b\r\nContent-Disposition: form-data; name="version"\r\n\r\n9.9\r\n'
    '--b\r\nContent-Disposition: form-data; name="content"; filename="eigenoid_core-9.9.tar.gz"'
    "\r\n\r\nx\r\n--b--\r\n"
)
JSON = "application/json"
CHANGES = ("uploadArtifacts", "deleteArtifacts", "delete", "update", "setIamPolicy")


def test_a_later_step_reads_and_changes_nothing(
    private_packages: PrivatePackages, tmp_path: Path
) -> None:
    login = private_packages.log_in()
    addresses = private_packages.sandbox.world.addresses
    repository = private_packages.repository().name.resource_name
    api = f"{addresses.artifact_registry_api}/v1/{repository}"
    publisher = private_packages.environment().service_account
    index = private_packages.index_url(name="eigenoid-python")
    package = f"{api}/packages/eigenoid-core"
    attempts = {
        "read": ("GET", f"{index}eigenoid-core/", "basic", JSON, ""),
        "upload": ("POST", index.removesuffix("simple/"), "basic", FORM, UPLOAD),
        "delete": ("DELETE", package, "bearer", JSON, ""),
        "policy": ("POST", f"{api}:setIamPolicy", "bearer", JSON, "{}"),
        "permissions": ("POST", f"{api}:testIamPermissions", "bearer", JSON, json.dumps(
            {"permissions": [f"artifactregistry.repositories.{name}" for name in CHANGES]})),
        "publisher": (
            "POST",
            f"{addresses.iam_credentials}/v1/projects/-/serviceAccounts/"
            f"{publisher}:generateAccessToken",
            "bearer", JSON, json.dumps({"scope": ["https://www.googleapis.com/auth/cloud-platform"]}),
        ),
    }  # fmt: skip
    (tmp_path / "hostile.py").write_text(HOSTILE)
    (tmp_path / "attempts").write_text(json.dumps(attempts))
    output = private_packages.later_step(
        login, f'python {tmp_path}/hostile.py "$(cat {tmp_path}/attempts)"'
    )
    answers = json.loads(output)
    assert answers["read"][0] == 200
    assert "eigenoid_core-1.2" in answers["read"][1]
    assert [answers[name][0] for name in ("upload", "publisher")] == [403, 403]
    assert all(answers[name][0] >= 400 for name in ("delete", "policy"))
    assert json.loads(answers["permissions"][1]) == {}
    files = [path.name for path in private_packages.repository().files()]
    assert files == ["eigenoid_core-1.2-py3-none-any.whl"]


def test_the_jobs_own_id_token_does_not_become_the_publishers(
    private_packages: PrivatePackages, sandbox: Sandbox
) -> None:
    """What code beside a login could ask GitHub for is refused where the publisher is."""
    dev = private_packages.environment()
    job = sandbox.job(dict(READING), ref="refs/tags/v1.2.0-dev")
    audience = f"//iam.googleapis.com/{dev.workload_identity_provider}"
    id_token = sandbox.request(
        "GET",
        f"{job['oidc_request_url']}&audience=https:{audience}",
        token=job["oidc_request_token"],
    ).json()["value"]
    answer = sandbox.request(
        "POST",
        sandbox.world.addresses.sts,
        data={
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "audience": audience,
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "subject_token": id_token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        },
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_no_variable_holds_the_token(private_packages: PrivatePackages) -> None:
    login = private_packages.log_in()
    assert private_packages.token(login) not in "".join(login.variables.values())
