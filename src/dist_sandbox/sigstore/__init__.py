"""Sigstore, as far as signing needs it: Fulcio's certificates and Rekor's public log (version 1).

Their answers carry real signatures, proofs and promises, by keys that are made when they are first
needed, so that clients verify them as they verify the public ones; the keys to trust are at
`GET /sigstore/trust-config.json`, in the format of sigstore's `--trust-config`.

Fulcio answers at the root, because clients put `/api/v2/signingCert` there; Rekor at
`/sigstore/rekor`. Neither knows timestamp authorities, monitoring or searching.
"""
