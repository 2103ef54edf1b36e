mock_provider "google" {}

variables {
  project = "eigenoid-dev"
}

run "nothing_is_deleted_by_default" {
  command = plan

  assert {
    condition     = length(google_artifact_registry_repository.python.cleanup_policies) == 0
    error_message = "There is a cleanup policy."
  }
}

run "what_is_not_kept_is_deleted" {
  command = plan
  variables {
    keep_versions = 5
  }

  assert {
    condition     = toset([for policy in google_artifact_registry_repository.python.cleanup_policies : policy.action]) == toset(["DELETE", "KEEP"])
    error_message = "A policy that keeps deletes nothing by itself."
  }
}

run "nothing_can_be_kept" {
  command = plan
  variables {
    keep_versions = 0
  }
  expect_failures = [var.keep_versions]
}
