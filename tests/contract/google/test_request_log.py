"""The request log tells who did what in Google Cloud, and holds no credential."""

import json


def test_publication_as_it_is_logged(caller, make_wheel):
    caller.federated_token()  # now the issuer's keys are known
    caller.control("DELETE", "requests")
    file = make_wheel("logged", "1.0")
    id_token = caller.id_token()
    federated = caller.exchange(id_token).json()["access_token"]
    access = caller.impersonate(federated).json()["accessToken"]
    caller.upload(file, access)
    caller.upload(file, access)
    caller.read(f"{caller.index_url()}logged/", access)
    caller.read(f"{caller.index_url()}logged/", "nobody")
    subject = "federated:repo:eigenoid/eigenoid-sample:environment:dev"
    account = "service-account:eigenoid-sample-publisher@eigenoid-dev.iam.gserviceaccount.com"
    log = caller.control("GET", "requests")
    seen = [
        (one["service"], one["method"], one["status"], one["changed"], one["principal"])
        for one in log
    ]
    assert seen == [
        ("oidc", "GET", 200, False, "job:release.yml/publish"),
        ("sts", "POST", 200, False, subject),
        ("iam-credentials", "POST", 200, False, subject),
        ("artifact-registry", "POST", 200, True, account),
        ("artifact-registry", "POST", 400, False, account),
        ("artifact-registry", "GET", 200, False, account),
        ("artifact-registry", "GET", 401, False, ""),
    ]
    text = json.dumps(log)
    assert all(secret not in text for secret in (id_token, federated, access))
