#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: the document that apply --json prints does not change its shape unseen: schema mtlskit.plan/1 is compared with
# golden files, byte by byte.

setup() {
    golden=$BATS_TEST_DIRNAME/golden
    cd "$BATS_TEST_TMPDIR" || exit 1
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  issuing: {subject: {CN: Issuing}, issuer: root}
certificates:
  server: {issuer: issuing, profile: server, san: [dns:localhost], formats: [pem, der]}
  phone:
    issuer: issuing
    profile: device
    subject: {CN: phone}
    bundles: [{passphrase: generate}]
END
}

# Prints as a check of the plan, and of what an apply says it did.
plan() { mtls-ca apply pki.yaml -d out --json "$@"; }

@test "everything is to be created" {
    plan --plan | diff "$golden/plan-create.json" -
}

@test "what was done lists the files written" {
    plan | diff "$golden/plan-done.json" -
}

@test "nothing to do" {
    plan >/dev/null
    plan --check | diff "$golden/plan-unchanged.json" -
}

@test "reissue, rewrite, orphan and another manifest's, with reasons" {
    plan >/dev/null
    cat >other.yaml <<'END'
mtlskit: 1
authorities:
  other: {subject: {CN: Other}}
END
    mtls-ca apply other.yaml -d out >/dev/null
    rm out/issuing.crt
    sed -e 's/dns:localhost/dns:changed/' -e '/^  phone:/,$d' pki.yaml >new.yaml
    mv new.yaml pki.yaml
    plan --plan | diff "$golden/plan-changed.json" -
}
