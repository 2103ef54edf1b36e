# What all packages of one environment share: made once in its project.

resource "google_project_service" "needed" {
  for_each           = toset(["artifactregistry", "iam", "iamcredentials", "sts"])
  project            = var.project
  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}

resource "google_iam_workload_identity_pool" "github" {
  project                   = var.project
  workload_identity_pool_id = var.pool
  depends_on                = [google_project_service.needed]
}

resource "google_artifact_registry_repository" "python" {
  project                = var.project
  location               = var.location
  repository_id          = var.artifact_repository
  format                 = "PYTHON"
  cleanup_policy_dry_run = false
  depends_on             = [google_project_service.needed]

  # A policy that keeps deletes nothing by itself: it only takes out of what another one deletes.
  dynamic "cleanup_policies" {
    for_each = var.keep_versions == null ? [] : [var.keep_versions]
    content {
      id     = "keep-last-${cleanup_policies.value}"
      action = "KEEP"
      most_recent_versions {
        keep_count = cleanup_policies.value
      }
    }
  }
  dynamic "cleanup_policies" {
    for_each = var.keep_versions == null ? [] : [var.keep_versions]
    content {
      id     = "delete-others"
      action = "DELETE"
      condition {
        older_than = "86400s"
      }
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
